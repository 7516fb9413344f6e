"""Speculative edits inside vLLM: a plugin for an unchanged vLLM, loaded through its own options.

vLLM asks a *proposer* for drafts, in the process that runs the model, without telling it about the request. So our
proposer proposes nothing (`proposer.NullProposer`). The *scheduler* knows each request and its tokens so far, and
supplies our drafts instead (`scheduler.EditScheduler`). The sources come with the request, in `vllm_xargs` (`sources`).
Needs only vLLM and the standard library; see docs/deployment.md.
"""
