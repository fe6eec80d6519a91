"""Random bash lines by grammar: harmless programs in plain sight, others where a reader may overlook them."""

from random import Random

GOOD = ["cat a", "echo b", "ls", "cat 'a b'", 'echo "c" d', "printf x", "grep q a", "true", ":", "sort a"]
EVIL = ["c1", "c2 x", "rm y", "c3"]
NAMES = ["x", "y", "z", "p", "e", "n", "a", "HOME", "u", "1", "@", "*", "#", "?", "!", "a[0]", "a[@]", "#x", "!x"]
WORDS = ["a", "-n", "b1", "*", "~", "{a,b}", "'q'", '"r s"', "\\t", "$x", '"$x"', "$z", "$'t\\x41'", '$"v"', "é", "="]
MARKS = ["EOF", "'EOF'", '"EOF"', "\\EOF", "E\\OF", "'E'OF", "EOF ", "-"]
OPERATORS = [":-", "-", ":+", "+", ":=", "=", ":?", "?", "#", "##", "%", "%%", "/", "//", "/#", "/a/", ":", "^", ",,"]
PIECES = [
    " ", " ", "\n", ";", "&&", "||", "|", "&", "|&", "!", "(", ")", "{ ", "; }", "$(", "`", ")", "`", '"', "'", "\\",
    "\\\n", "#", " #", "$", "${x:-", "${x", "}", "<(", ">(", "<<EOF\n", "<<'EOF'\n", "<<-EOF\n", "\nEOF\n",
    "\n\tEOF\n", "EOF", "<<<", " >f", " 2>&1", ">&", "<f", "if ", "; then ", "; fi", "else ", "for i in ", "; do ",
    "; done", "while ", "case x in ", "x) ", ";; ", "esac", "f() ", "function g ", "x=", "a=(", "=", "[[ ", " ]]",
    "[ ", " ]", "$((", "))", "((", "x[", "]", "$'", "\\'", "eval ", "{", ",", "..", "~", "*", "time ", "command ",
    "-v ", "\r", "\t", "$[", "@P}", "-x ", "\\`", '\\"', "=~ ", "== ", "@(", "+(", "c1", "c3", "c2", "\u00a0", "\x01",
    "é", "in ", "do ", "-eq ", "let ", "read ", "export ", "declare -i ", "printf -v ", "test ", "set -", "trap ",
    "alias ", "exec ", ". ", "xargs ", "sh -c ", "builtin ", "coproc ", "unset ", "<>", ">|", "&>", "&>>", "{fd}>",
    "IFS=", "PATH=",
]  # fmt: skip


def line(random: Random) -> str:
    """One line: grown by grammar, sometimes with a few pieces put in, taken out or moved."""
    kind = random.random()
    if kind < 0.15:
        return _noise(random)
    text = script(random, random.choice((1, 2, 2, 3, 4))) if kind < 0.65 else _trick(random)
    if random.random() < 0.45:
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            text = _mutated(random, text)
    return text[:2000]


def _noise(random: Random) -> str:
    """Signs in any order, few enough that some of it is still a line."""
    signs = "`'\"\\$(){}<>|&;#\n  =[]!~*^:-/@%+,\t1x"
    pieces = [
        random.choice(signs)
        if random.random() < 0.7
        else random.choice(("c1", "cat ", "EOF", "$(c3)", " a ", "\nEOF\n"))
        for _ in range(random.randrange(2, 13))
    ]
    return random.choice(
        ("cat ", "echo ", "cat <<EOF\n", "[[ a =~ ", "[[ a == ", "cat <<'EOF'\n", "x=", "", '"', "ls;")
    ) + "".join(pieces)


def _trick(random: Random) -> str:
    """One place where code may hide, in a line that is plain otherwise."""
    form = random.choice((
        "cat @", 'cat "@"', "cat <<EOF\n@\nEOF", "cat <<-EOF\n\t@\n\tEOF\nls", "cat <<'EOF'\n@\nEOF\nls",
        "cat <<< @", "x=@; cat", "[[ @ == b ]]", "[[ a == @ ]]", "[[ a =~ @ ]]", "case @ in a) ls;; esac",
        "case a in @) ls;; esac", "cat ${x:-@}", 'cat "${x:-@}"', "cat ${x/@/b}", "cat ${x#@}",
        "for i in @; do ls; done", "cat <@", "cat >@", "echo `cat @`", "echo $(cat @)", 'echo "`cat @`"',
        'echo "$(cat @)"', "[ @ ]", "[ -n @ ]", "[ @ = b ]", "a=(@)", "cat # @\nls", "cat '@'", "cat $'@'", "@ cat",
        "f() { cat @; }; f", "cat <(cat @)", "echo `echo \\`cat @\\``", "cat <<EOF\n$(cat @)\nEOF",
        "cat <<EOF\n`cat @`\nEOF", "cat <<EOF\n${x:-@}\nEOF", "cat $(cat <<EOF\n@\nEOF\n)", "cat {a,@}",
        "if ls @; then cat; fi", "cat | ls @", "cat & ls @", "cat <<A @ <<B\n@\nA\n@\nB", "cat <<EOF; ls @\nx\nEOF",
        "cat \\\n@", "cat@", "@", "cat >&@", "printf -v @ x", "read @", "x+=@", "export x=@", "declare @", "unset @",
        "test @ -a b", "cat <<EOF\r\n@\r\nEOF\r\n", "cat <<EOF && ls\n@\nEOF\n", "! cat @",
    ))  # fmt: skip
    while "@" in form:
        text = random.choice((word, _text, _expansion, _expansion))(random, random.choice((0, 1, 1, 2)))
        form = form.replace("@", text.replace("@", "\0"), 1)
    return form.replace("\0", "@")


def _mutated(random: Random, text: str) -> str:
    at = random.randrange(len(text) + 1)
    match random.randrange(4):
        case 0:
            return text[:at] + text[at + random.choice((1, 1, 2, 4)) :]
        case 1:
            end = min(len(text), at + random.randrange(1, 6))
            to = random.randrange(len(text) + 1)
            return text[:to] + text[at:end] + text[to:]
        case _:
            return text[:at] + random.choice(PIECES) + text[at:]


def script(random: Random, depth: int) -> str:
    """Commands and what joins them."""
    parts = [command(random, depth)]
    while random.random() < 0.3:
        parts += [
            random.choice(("; ", " && ", " || ", " | ", "\n", " |& ", " & ", " ;\n", " # ")),
            command(random, depth),
        ]
    return "".join(parts)


def command(random: Random, depth: int) -> str:
    """A simple or compound command, or a builtin that knows tricks."""
    if depth <= 0:
        return random.choice(GOOD)
    inner = depth - 1
    match random.randrange(16):
        case 0:
            return _compound(random, inner)
        case 1 | 2 | 3:
            return _heredoc(random, inner)
        case 4:
            return f"[[ {_test(random, inner)} ]]"
        case 5:
            return random.choice(("[ @ ]", "test @")).replace("@", _test(random, inner))
        case 6:
            return f"{random.choice(GOOD)} <<< {word(random, inner)}"
        case 7:
            return _assignment(random, inner)
        case 8:
            return _builtin(random, inner)
        case 9:
            operator = random.choice((">", ">>", "<", "2>", ">|", "&>", ">&", "<&", "<>", "&>>", "2>&"))
            return f"{random.choice(GOOD)} {operator} {word(random, inner)}"
        case _:
            words = " ".join(word(random, inner) for _ in range(random.choice((1, 1, 2))))
            return f"{random.choice(('cat', 'echo', 'ls', 'printf', 'cat', 'echo'))} {words}"


def leaf(random: Random) -> str:
    """A command that nobody allowed, mostly."""
    return random.choice(EVIL) if random.random() < 0.75 else random.choice(GOOD)


def _any(random: Random, depth: int) -> str:
    return leaf(random) if depth <= 0 or random.random() < 0.5 else script(random, depth - 1)


def word(random: Random, depth: int) -> str:
    """A word: literal, quoted, expanded, or of several parts."""
    if random.random() < 0.15:
        return word(random, depth) + word(random, depth)
    if depth <= 0 and random.random() < 0.5:
        return random.choice(WORDS)
    inner = depth - 1
    code = _any(random, inner)
    match random.randrange(17):
        case 0:
            return f"$({code})"
        case 1:
            return f"`{code}`"
        case 2:
            return '"' + _text(random, inner) + '"'
        case 3 | 4:
            return _expansion(random, inner)
        case 5:
            return '"' + _expansion(random, inner) + '"'
        case 6:
            return f"{random.choice('<>')}({code})"
        case 7:
            return "'" + code + "'"
        case 8:
            return "$'" + random.choice((code, "\\x24(c1)", "\\'; c1 #", "\\u0060c1`")) + "'"
        case 9:
            return f"$(({random.choice(('1+1', 'x', 'n', 'a[0]', f'a[$({code})]', f'$({code})', '2 > 1 ? 3 : 4'))}))"
        case 10:
            return (
                "`echo " + random.choice((f"\\`{code}\\`", f'\\"{code}\\"', f"'{code}'", f"\\$({code})", "\\\\")) + "`"
            )
        case 11:
            return "{a," + random.choice((f"$({code})", "b", "'c'", f"`{code}`")) + "}"
        case 12:
            return "\\" + random.choice((f"$({code})", f"`{code}`", "'", '"', "\n", f"\n{code}", "\\"))
        case 13:
            return f"$[{random.choice(('1', 'x', f'$({code})'))}]"
        case _:
            return random.choice(WORDS)


def _text(random: Random, depth: int) -> str:
    """What may stand within double quotes or a heredoc."""
    code = _any(random, depth)
    parts = (
        f"$({code})", f"`{code}`", f"\\$({code})", f"\\`{code}\\`", f"'{code}'", "$x", "plain", "\\\\",
        f"\\\\`{code}`", f"\\\\$({code})", f"$\\\n({code})", "a\\\nb", f"'$({code})'", "$((x))", "$((1))",
        f"$(({code}))", '\\"', f"; {code}", "${x@P}", "${!x}", "#", "$$", "$", f"`echo \\`{code}\\``", f"<({code})",
        f'"{code}"', f"\n{code}\n",
    )  # fmt: skip
    text = random.choice(parts) if random.random() < 0.7 else _expansion(random, depth)
    return text + (_text(random, depth) if random.random() < 0.3 else "")


def _expansion(random: Random, depth: int) -> str:
    name, code = random.choice(NAMES), _any(random, depth)
    if random.random() < 0.2:
        return f"${{{name}{random.choice(('', '@P', '@Q', '@E', '@A', f'[$({code})]', ':1', ':x', f':$({code})'))}}}"
    operands = (
        f"$({code})", f"`{code}`", f"'$({code})'", f'"$({code})"', f'"`{code}`"', f"\\$({code})", f"\\`{code}\\`",
        f"<({code})", "x", "'}'", '"}"', "\\}", f"}}; {code} #", f"{{$({code})}}", f"'{code}", "${y:-z}",
        f"a/$({code})", f"a/`{code}`", f"$'{code}'", "é", " ", f"\n{code}", f"[$({code})]", f"~$({code})",
        f"*/$({code})", "$((x))", "p",
    )  # fmt: skip
    operand = random.choice(operands) if random.random() < 0.75 or depth <= 0 else word(random, depth)
    return f"${{{name}{random.choice(OPERATORS)}{operand}}}"


def _heredoc(random: Random, depth: int) -> str:
    mark, dash = random.choice(MARKS), random.choice(("", "-"))
    body = _text(random, depth) + random.choice(("", "\n" + _text(random, depth)))
    end = random.choice(("EOF", "EOF", "EOF", "EOF", "\tEOF", "EOF ", "EOF\\", "x\\\nEOF"))
    after = random.choice(
        ("", "", f" | {random.choice(GOOD)}", f"; {random.choice(GOOD)}", " >f", f" $({_any(random, depth)})")
    )
    tail = random.choice(("", "\n", f"\n{random.choice(GOOD)}", f"\n{leaf(random)}\nEOF"))
    if random.random() < 0.1:
        return f"cat <<{mark} <<{dash}X{after}\n{body}\n{end}\n{_text(random, depth)}\nX{tail}"
    text = f"{random.choice(('cat', 'sort', 'echo', 'bash', 'cat'))} <<{dash}{mark}{after}\n{body}\n{end}{tail}"
    return text if random.random() < 0.85 else f"echo {random.choice(('$(', '<(', '`'))}{text}\n{random.choice(')`')}"


def _test(random: Random, depth: int) -> str:
    one, other = word(random, depth), word(random, depth)
    code = _any(random, depth)
    forms = (
        f"{one} == {other}", f"{one} =~ {other}", f"-n {one}", f"-v {one}", f"{one} -eq {other}",
        f"-z {one} && -f {other}", f"{one} =~ ^(a|b)$", f"{one} =~ (`{code}`)", f"{one} == @($({code})|b)",
        f"{one} != *.{other}", f"! -d {one}", f"{one} < {other}", f"( {one} )", f"{one}", f"{one} = {other} -o {one}",
        f"-f a -a {one}", f"a =~ $({code})", f"a =~ [`{code}`]", f"a =~ (x $({code}))", f"{one} {other}",
        f"a =~ \\`{code}\\`", f"a =~ '$({code})'", f"{one} && {other}", f"a =~ x#`{code}`", f"$# -eq 0 && {one}",
        f"a =~ a|{other}", f"-t {one}", f"-R {one}",
    )  # fmt: skip
    return random.choice(forms)


def _compound(random: Random, depth: int) -> str:
    body, code, one = script(random, depth), _any(random, depth), word(random, depth)
    forms = (
        f"({body})", f"{{ {body}; }}", f"if {body}; then {body}; fi", f"if {body}; then {body}; else {body}; fi",
        f"! {body}", f"while {body}; do {body}; break; done", f"for i in {one} b; do {body}; done",
        f"case {one} in {one}) {body};; esac", f"case x in (x|$({code})) {body};; *) {body}\nesac",
        f"f() {{ {body}; }}; f", f"cat() {{ {body}; }}; cat a", f"time {body}", f"f() {{ {code}; }}",
        f"for ((i=0; i<1; i++)); do {body}; done", f"(( {one} ))", f"function ls {{ {body}; }}; ls",
        f"{{ {body}; }} >f", f"({body}) < {one}", f"until {body}; do break; done", f"time -p {body}",
        f"for x in PATH; do {body}; done", f"case x in x) {body};& y) {body};; esac",
        f"if {body}\nthen {body}\nelif {body}\nthen {body}\nfi", f"coproc {body}", f"case in in in) {body};; esac",
        f"f() ( {body} )\nf", f"{{ {body}\n}} | {{ {body}; }}", f"! ! {body}", f"time ! {body}",
    )  # fmt: skip
    return random.choice(forms)


def _assignment(random: Random, depth: int) -> str:
    one, good = word(random, depth), random.choice(GOOD)
    forms = (
        f"v={one}", f"v={one}; {good}", f"v={one} {good}", f"a=({one} b); {good}", f"a=([{one}]=b); {good}",
        f"a[{one}]=b; {good}", f"v+={one}; {good}", "v=cat; $v a",
        f"v='$({leaf(random)})'; echo ${{v@P}} \"$v\" $((v))", f"v='a[$(c1)]'; echo {one}", f"local v={one}; {good}",
        f"LANG={one} {good}", f"v=\n{good}", f"v={one} w={one}; {good}", f"a=({one}\n{one}\n); {good}",
        f"u=(1 {one} # x\n); {good}", f"v={one}{good}", f"http_proxy=x; {good}", f"PS4={one}; {good}",
        f"IFS=c; {good} $x",
    )  # fmt: skip
    return random.choice(forms)


def _builtin(random: Random, depth: int) -> str:
    one, code = word(random, depth), leaf(random)
    sub = f"'a[$({code})]'"
    forms = (
        f"printf -v {sub} x", f"read {sub} <<< 1", f"test -v {sub}", f"[ -v {sub} ]", f"unset {sub}",
        f"declare {sub}=1", f"declare -i v={sub}", f"let {sub}", f"export {sub}", f"trap '{code}' EXIT",
        f"eval '{code}'", f"alias ls='{code}'\nls", f"mapfile -C '{code}' -c 1 v <<< x", f"wait -p {sub}",
        f"getopts x {sub}", f"command {code}", f"builtin eval {code}", f"command -v {one}",
        f"shopt -s expand_aliases\nalias ls={code}\nls", f"complete -C {code}", f"compgen -W '$({code})'",
        f"enable -n echo\necho {one}", f"hash -p {code} ls; ls", f"exec {code}", f"source /dev/stdin <<< '{code}'",
        "[ $z ]", "test $z", '[ "$y" "$x" ]', '[ -n "$x" ]', f'[ "$x" = {one} ]', f"printf %d {sub}", f"echo {sub}",
        f"printf {one} {sub}", f"read v <<< {one}", f"test {one} {one}", f"[ {one} = {one} ]", f"printf -v v {one}",
        f"export v={one}", f"declare v={one}", f"xargs {code}", f"bash -c '{code}'", f"bash <<< '{code}'",
        f'sh -c "{one}"', "set -k; cat PATH=/x", f"set -- {one}; cat $1", f"[ ! -f {one} ]",
        f"[ -f {one} -o -v {one} ]", 'test "$z" -a "$x"', f"[ {sub} -eq 1 ]", f"[[ {sub} -eq 1 ]]",
        f"declare -n r={sub}; echo $r", f"unset -f {one}", f"type {one}", f"cd {one}; ls", f"find . -exec {code} ;",
    )  # fmt: skip
    return random.choice(forms)
