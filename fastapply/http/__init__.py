"""The HTTP front: OpenAI's, Morph's and Relace's wire formats in, one `Applier` behind a fair queue."""
