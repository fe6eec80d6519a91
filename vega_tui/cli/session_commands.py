"""`vega-tui sessions …`. Where no host runs, one in this process reads the store."""

from vega_tui.cli.connect import in_process
from vega_tui.cli.setting import Setting
from vega_tui.core import clock
from vega_tui.core.exits import Exit
from vega_tui.plain import listings
from vega_tui.protocol import operations as ops


async def show_list(setting: Setting) -> Exit:
    """`sessions list`: of this folder, or of all."""
    asked = setting.asked
    async with in_process(setting.home, setting.hello()) as host:
        cwd = "" if asked.all else str(setting.cwd)
        found = (await host.call(ops.SESSION_LIST, ops.SessionList(cwd=cwd, limit=asked.limit))).sessions
    setting.tell(found, listings.sessions(found, clock.wall(), setting.out.width))
    return Exit.OK


async def show(setting: Setting) -> Exit:
    """`sessions show ID`: what was said."""
    asked = setting.asked
    async with in_process(setting.home, setting.hello()) as host:
        snapshot = await host.call(ops.SESSION_SHOW, ops.SessionRef(session=asked.target))
        row = snapshot.session
        assert row is not None, "a session's snapshot has its session"
        page = await host.call(ops.ENTRIES_PAGE, ops.EntriesPage(session=row.id, limit=asked.limit))
    setting.tell(
        {"session": row, "entries": page.entries, "more": page.more},
        listings.transcript(row, page.entries, more=page.more),
    )
    return Exit.OK


async def tree(setting: Setting) -> Exit:
    """`sessions tree ID`: its branches."""
    async with in_process(setting.home, setting.hello()) as host:
        found = (await host.call(ops.BRANCH_LIST, ops.SessionRef(session=setting.asked.target))).branches
    setting.tell(found, listings.branches(found, setting.out.width))
    return Exit.OK


async def fork(setting: Setting) -> Exit:
    """`sessions fork ID`: a new branch, made the active one."""
    asked = setting.asked
    async with in_process(setting.home, setting.hello()) as host:
        made = await host.call(ops.SESSION_FORK, ops.Fork(session=asked.target, entry=asked.entry, name=asked.name))
    setting.tell(made, [f"branch {made.branch} of {asked.target}; go on with it: vega-tui -r {asked.target}"])
    return Exit.OK


async def rename(setting: Setting) -> Exit:
    """`sessions rename ID NAME`."""
    asked = setting.asked
    async with in_process(setting.home, setting.hello()) as host:
        row = await host.call(ops.SESSION_CHANGE, ops.SessionChange(session=asked.target, name=asked.text))
    setting.tell(row, [f"{row.id} is now {row.name}"])
    return Exit.OK


async def remove(setting: Setting) -> Exit:
    """`sessions rm ID…`: all of them are looked up before the first is removed."""
    removed: list[str] = []
    async with in_process(setting.home, setting.hello()) as host:
        for target in setting.asked.targets:
            snapshot = await host.call(ops.SESSION_SHOW, ops.SessionRef(session=target))
            removed.append(snapshot.session.id if snapshot.session else target)
        for session in removed:
            await host.call(ops.SESSION_REMOVE, ops.SessionRef(session=session))
    setting.tell({"removed": removed}, [f"removed {session}" for session in removed])
    return Exit.OK


async def search(setting: Setting) -> Exit:
    """`sessions search TEXT`; like grep, 1 where nothing is found."""
    asked = setting.asked
    async with in_process(setting.home, setting.hello()) as host:
        found = (await host.call(ops.SESSION_SEARCH, ops.Search(text=asked.text, limit=asked.limit))).hits
    setting.tell(found, listings.hits(found, clock.wall(), setting.out.width))
    return Exit.OK if found else Exit.ERROR
