#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<EOF
usage: $0 NAME
  # ... existing code ... is kept as it is
EOF
}

greet() {
  echo "hello, $1"
}

[ $# -eq 1 ] || { usage; exit 2; }
greet "$1"
