"""The MCP front: one tool, `edit_file`, for agents."""
