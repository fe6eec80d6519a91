"""`vega-tui rules …`: the rules that hold, and taking a remembered yes back."""

from vega_tui.cli.connect import in_process
from vega_tui.cli.setting import Setting
from vega_tui.core import clock
from vega_tui.core.exits import Exit
from vega_tui.plain import rule_listing
from vega_tui.protocol import operations as ops


async def show_list(setting: Setting) -> Exit:
    """`rules list`: those of files and those remembered, for this folder or a session."""
    asked = setting.asked
    async with in_process(setting.home, setting.hello()) as host:
        wanted = ops.RuleList(session=asked.session, cwd=str(setting.cwd))
        found = (await host.call(ops.RULE_LIST, wanted)).rules
    setting.tell(found, rule_listing.rules(found, clock.wall(), setting.out.width))
    return Exit.OK


async def revoke(setting: Setting) -> Exit:
    """`rules revoke ID`: it holds no more, in running sessions neither."""
    grant = setting.asked.target
    async with in_process(setting.home, setting.hello()) as host:
        await host.call(ops.GRANT_REVOKE, ops.GrantRef(grant=grant))
    setting.tell({"revoked": grant}, [f"revoked {grant}; such calls ask again"])
    return Exit.OK
