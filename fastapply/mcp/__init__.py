"""The MCP front: tools that edit files, for agents."""
