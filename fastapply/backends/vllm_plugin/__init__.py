"""Speculative edits inside vLLM: a plugin that is loaded by vLLM's own options, without a change to it.

vLLM asks a *proposer* for drafts, in the process that runs the model, and tells it nothing of the request. So the
proposer here proposes nothing (`proposer.NullProposer`), and the *scheduler*, which knows each request and every token
that it has settled, puts our drafts in its place (`scheduler.EditScheduler`). The sources come with the request, in
`vllm_xargs` (`sources`). Needs nothing but vLLM and the standard library; see docs/deployment.md.
"""
