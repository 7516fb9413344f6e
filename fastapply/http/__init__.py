"""The HTTP server: wire formats of OpenAI, Morph and Relace in front of one `Applier` behind a fair queue."""
