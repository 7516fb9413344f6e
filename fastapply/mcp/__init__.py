"""The MCP server: tools that edit files, for agents."""
