"""Models on disk: what other people's folders may say, and how it is checked.

Authors
 * The mtqnet-brain developers 2026
"""
