// Puts fastapply's tools in the place of opencode's own edit tools, for every model and agent.
//
// opencode starts `fastapply mcp` in the project; its own edit, write and patch tools are taken away by the permission
// that stands for all of them. What the user had said about edits holds for ours, and planning stays without edits.

const OURS = "fastapply_*"

/** `config` is as opencode has read it; it is changed in place. */
function replaceEdit(config, command) {
  config.mcp = { fastapply: { type: "local", command, enabled: true }, ...config.mcp }
  if (config.mcp.fastapply.enabled === false) return // switched off by the user: their own tools stay
  config.permission = withOurs(config.permission)
  config.agent = { ...config.agent, plan: { ...config.agent?.plan } }
  config.agent.plan.permission = { [OURS]: "deny", ...asRules(config.agent.plan.permission) }
  for (const agent of Object.values(config.agent)) {
    if (agent?.permission !== undefined) agent.permission = withOurs(agent.permission)
  }
}

function withOurs(permission) {
  const rules = asRules(permission)
  const edits = rules.edit ?? rules["*"]
  // Patterns of paths cannot be told of a tool of MCP: whoever has some is asked.
  const ours = edits === undefined || typeof edits === "string" ? edits : "ask"
  return { ...rules, edit: "deny", ...(ours === undefined ? {} : { [OURS]: rules[OURS] ?? ours }) }
}

/** A permission may be one word for everything, or a word (or patterns of paths) for each tool. */
function asRules(permission = {}) {
  return typeof permission === "string" ? { "*": permission } : permission
}

export const Fastapply = async (_, options) => ({
  config: async (config) => replaceEdit(config, options?.command ?? ["fastapply", "mcp"]),
})
