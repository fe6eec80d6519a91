from pathlib import Path

import pytest

from vega_tui.approvals.paths import Places
from vega_tui.approvals.sensitive import holds_secrets, is_secret, names_secret
from vega_tui.approvals.wrappers import word_set

SECRET = sorted(
    word_set(
        """
.env .env.local .env.production prod.env config/dev.env .ENV a/.Env .env~ .env.bak .env.old .env-prod .env_local
.env.gz .envrc .envrc.bak terraform.tfstate terraform.tfstate.backup infra/prod.tfstate prod.tfvars prod.auto.tfvars
prod.tfvars.json .terraform/terraform.tfstate .terraformrc .terraform.d/credentials.tfrc.json .pgpass .my.cnf
.mylogin.cnf .netrc .npmrc .pypirc .yarnrc.yml .git-credentials .htpasswd .vault-token .vault_pass
service-account.json service_account_prod.json my-serviceaccount-1.json app-firebase-adminsdk-x1.json
client_secret_123.apps.googleusercontent.com.json credentials credentials.json google-credentials.json
.aws/credentials .aws/config aws_credentials.csv secrets.yml secrets.yaml secret.yaml prod.secrets.yaml secrets.json
secrets.toml db-passwords.txt passwords.csv application_default_credentials.json id_rsa id_rsa.bak id_rsa.old
id_ed25519 id_ed25519_sk id_ecdsa~ id_rsa.orig id_rsa.save id_rsa.1 id_dsa.20260101 server.pem server.key
server.key.bak tls/KEY.PEM cert.p12 cert.pfx store.jks release.keystore key.ppk vault.kdbx .server.pem.swp
.id_rsa.swp ..env.swp .key.pem~ #.env# AuthKey_1.p8 service.keytab client.ovpn .ssh/config ~/.ssh .gnupg/x
.kube/config kubeconfig kubeconfig.yaml dev.kubeconfig .docker/config.json .azure/x .config/gcloud/x
.config/gh/hosts.yml .config/op/config .config/rclone/rclone.conf wp-config.php site/wp-config.php.bak .bash_history
.zsh_history .python_history .psql_history .mysql_history .node_repl_history .local/share/fish/fish_history
.mozilla/firefox/x/logins.json .config/google-chrome/Default/Cookies .config/chromium/Default
.local/share/keyrings/login.keyring Library/Keychains/login.keychain-db .cargo/credentials.toml .gem/credentials
.m2/settings.xml .gradle/gradle.properties .config/composer/auth.json /etc/shadow /etc/gshadow /etc/sudoers
/etc/sudoers.d/x /etc/ssh/ssh_host_rsa_key /etc/ssl/private/x /run/secrets/db /proc/1/environ /proc/self/environ
/proc/self/mem /proc/42/cmdline /proc/self/fd/3 /proc/self/task/1/environ /proc/kcore /dev/mem /dev/sda1 \uff0eenv
.\uff45nv
"""
    )
)

PLAIN = sorted(
    word_set(
        """
monkey.py keyboard.ts keys.py key.go key.md turkey.txt keymap.json donkey.yaml hotkeys.json primary_key.sql key
.env.example .env.sample .env.template .env.dist .env.local.example example.env sample.env .env.example.bak env.ts
environment.yml src/env.py env env.d.ts dotenv.py .environment environ.c .env.d.ts env/README.md credentials_test.go
credentials.go credentials.py test_credentials.py credentials.example.json credentials.md CredentialProvider.java
secrets.py secrets_manager.ts secret.rs password.py passwords.rb reset_password.html secrets.md secrets.example.yaml
secrets.schema.json secret_santa.py id_map.py id_token.ts idempotent.rs id_rsa.pub id_ed25519.pub ids.json id.txt
grid_rsa.c main.tf variables.tf outputs.tf terraform.tfvars.example example.tfvars prod.tf package.json
package-lock.json npmrc.md README.md tsconfig.json service.json account.json services/account.ts service_account.py
config.json .docker/Dockerfile docker/config.json kube/deploy.yaml kubeconfig.go history.py history.md CHANGELOG.md
history command_history.py pemmican.txt open.pem.md key.pem.example .gitignore .github/workflows/ci.yml Makefile
wp-config-sample.php wp-content/index.php main.py.bak notes.old /proc/cpuinfo /proc/self/status /proc/meminfo
/dev/null /etc/hosts /etc/passwd /etc/os-release cookies.py login.tsx src/keychain.rs docs/aws.md aws/lambda.py
ssh/client.go gcloud/deploy.sh auth.json tokens.json design-tokens.json backup.tar.gz data.1 lib.so.1 app.log.1
file.txt~ htpasswd.py
"""
    )
)


@pytest.mark.parametrize("path", SECRET)
def test_a_name_that_usually_means_keys_is_known(path: str) -> None:
    assert holds_secrets(path)
    assert holds_secrets(f"/work/deep/{path.lstrip('/~')}") or path.startswith(("/proc", "/dev"))


@pytest.mark.parametrize("path", PLAIN)
def test_a_name_of_code_or_of_a_template_is_no_false_alarm(path: str) -> None:
    assert not holds_secrets(path)
    assert not holds_secrets(f"/work/deep/{path.lstrip('/')}")


@pytest.mark.parametrize(
    ("pattern", "named"),
    [(".env", True), ("~/.ssh/**", True), ("cat .env", True), ("cat *", False), ("**", False), ("git diff *", False)],
)
def test_only_a_rule_that_says_the_name_covers_such_a_file(pattern: str, named: bool) -> None:
    assert names_secret(pattern) is named


def test_a_hard_link_to_a_secret_is_one(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".env").write_text("KEY=1")
    (tmp_path / "sub" / "notes.txt").hardlink_to(tmp_path / ".env")
    (tmp_path / "plain.txt").write_text("x")
    places = Places(tmp_path, "/home/x")
    assert is_secret(places.use("sub/notes.txt"))
    assert not is_secret(places.use("plain.txt"))


def test_our_own_home_is_secret_but_a_project_in_it_can_be_worked_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "vegahome"
    (own / "shop").mkdir(parents=True)
    monkeypatch.setenv("VEGA_HOME", str(own))
    assert is_secret(Places(tmp_path, "/home/x").use("vegahome/vega.db"))
    assert is_secret(Places(tmp_path, "/home/x").use("vegahome"))
    assert not is_secret(Places(own / "shop", "/home/x").use("README.md"))
    assert not is_secret(Places(tmp_path, "/home/x").use("vegahome2"))
