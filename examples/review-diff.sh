#!/usr/bin/env bash
# Review what is about to be committed. Reads nothing but the diff: no tool can run, since nobody is there to ask.
#   examples/review-diff.sh [PROMPT]
set -euo pipefail

prompt=${1:-Review this diff. Name real mistakes only, each with file and line; say "fine" where there are none.}
code=0
git diff --cached | vega-tui -p "$prompt" --no-session --max-budget-usd 0.50 --max-turns 4 || code=$?
case $code in
  0) ;;
  3) echo "the budget did not cover the review" >&2 ;;
  4) echo "the model asked for a tool that nobody could allow" >&2 ;;
  5) echo "no host; vega-tui doctor says why" >&2 ;;
esac
exit "$code"
