# Claude Code asks this before its own Edit tool runs; the call stands on standard input, as JSON. An edit of a file that
# ours can edit is refused, with a reason that the agent reads. Whatever else it is goes on as if this were not here: files
# outside of the project, and everything where fastapply is not installed.

[ -n "$CLAUDE_PROJECT_DIR" ] && command -v fastapply > /dev/null || exit 0
case $(cat) in
*'"file_path":"'"$CLAUDE_PROJECT_DIR"/.git/* | *'"file_path": "'"$CLAUDE_PROJECT_DIR"/.git/*) ;;
*'"file_path":"'"$CLAUDE_PROJECT_DIR"/* | *'"file_path": "'"$CLAUDE_PROJECT_DIR"/*) cat "${0%/*}/refusal.json" ;;
esac
