"""What rooms, devices, suppressors, codecs and networks do to speech.

Each module holds one link of the chain: functions of samples and named
parameters, and a table of the ranges from which these are drawn.
`corpus.degradations` joins the tables.

Authors
 * The mtqnet-brain developers 2026
"""
