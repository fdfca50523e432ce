"""From a corpus on disk to manifests, one module per corpus.

Authors
 * The mtqnet-brain developers 2026
"""
