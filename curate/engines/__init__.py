"""Models that answer, behind one protocol: vLLM in this process, OpenAI-compatible servers, or a script.

Importing this package is cheap, and `identity` loads no model: a rerun with nothing left to do never opens an engine.
"""
