"""What a tool is, and `@tool`: a schema and a validator made from a function's signature and docstring."""

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias, get_args, get_origin, get_type_hints, overload

import msgspec

from vega_tui.approvals.facts import ToolKind
from vega_tui.core.errors import BugError, ToolError
from vega_tui.core.messages import JsonObject, Observation
from vega_tui.core.ports import ToolSchema
from vega_tui.core.visible import call_line
from vega_tui.tools.context import ToolContext

# Arguments are typed by each tool's own signature, which `@tool` reads when it is made.
ToolFunction: TypeAlias = Callable[..., Any]
Preview: TypeAlias = Callable[[ToolContext, JsonObject], str]

DEFAULT_TIMEOUT_S: Final = 120.0
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as the pipeline sees it. `validate` raises ToolError; `run` may raise anything."""

    name: str
    description: str
    input_schema: JsonObject
    validate: Callable[[JsonObject], JsonObject]  # typed arguments, defaults filled in
    run: Callable[[ToolContext, JsonObject], Awaitable[Observation]]  # takes what `validate` gave
    kind: ToolKind = "other"
    family: str = ""  # rules for this name speak of it too; empty: as its kind has it (read, edit, …), or none
    exclusive: bool = False  # no other call of the same turn runs beside it
    timeout_s: float | None = DEFAULT_TIMEOUT_S  # None: ends by itself
    path_args: tuple[str, ...] = ()  # arguments that name files
    one_line: Callable[[JsonObject], str] | None = None
    preview: Preview | None = None  # the unified diff of what it would do
    source: str = ""  # `module:name`: where another process finds it

    def summary(self, args: JsonObject) -> str:
        """The call in one visible line: the command, the path."""
        try:
            text = self.one_line(args) if self.one_line else ", ".join(f"{k}={v!r}" for k, v in args.items())
        except (KeyError, TypeError, ValueError, AttributeError):  # arguments that were not validated
            text = str(args)
        return call_line(text)

    def paths(self, args: JsonObject) -> list[str]:
        """The paths that validated arguments name."""
        return [str(args[name]) for name in self.path_args if args.get(name)]

    @property
    def schema(self) -> ToolSchema:
        """As the model is told of it."""
        return ToolSchema(name=self.name, description=self.description, input_schema=self.input_schema)


@overload
def tool(function: ToolFunction, /) -> Tool: ...
@overload
def tool(
    *,
    name: str = "",
    kind: ToolKind = "other",
    family: str = "",
    exclusive: bool = False,
    timeout_s: float | None = DEFAULT_TIMEOUT_S,
    path_args: Sequence[str] = (),
    one_line: Callable[[JsonObject], str] | None = None,
    preview: Preview | None = None,
) -> Callable[[ToolFunction], Tool]: ...
def tool(
    function: ToolFunction | None = None,
    /,
    *,
    name: str = "",
    kind: ToolKind = "other",
    family: str = "",
    exclusive: bool = False,
    timeout_s: float | None = DEFAULT_TIMEOUT_S,
    path_args: Sequence[str] = (),
    one_line: Callable[[JsonObject], str] | None = None,
    preview: Preview | None = None,
) -> Tool | Callable[[ToolFunction], Tool]:
    """Make a tool of a function: its docstring is the description, its typed parameters the schema.

    Descriptions of parameters come from `Annotated[str, "…"]`. A first parameter `ctx: ToolContext` gets the
    call's surroundings. The function gives text, an Observation, or anything JSON can hold; a function that
    isn't async runs in a thread and can't be stopped there.
    """

    def make(made_of: ToolFunction) -> Tool:
        called = name or made_of.__name__
        if not _NAME.fullmatch(called):
            raise BugError(f"{called!r} can't be a tool's name: letters, digits, _ and -, 64 at most")
        doc = inspect.getdoc(made_of)
        if not doc:
            raise BugError(f"tool {called} needs a docstring: it is what the model reads")
        fields = _fields(made_of)
        struct = msgspec.defstruct(f"{called}_arguments", fields, forbid_unknown_fields=True, kw_only=True)
        (schema,), components = msgspec.json.schema_components([struct])
        return Tool(
            name=called,
            description=doc,
            input_schema=_object_schema(schema, components),
            validate=_validator(struct),
            run=_runner(made_of, wants_context=_wants_context(made_of)),
            kind=kind,
            family=family,
            exclusive=exclusive,
            timeout_s=timeout_s,
            path_args=tuple(path_args),
            one_line=one_line,
            preview=preview,
            source=f"{made_of.__module__}:{made_of.__qualname__}",
        )

    return make if function is None else make(function)


def _wants_context(function: ToolFunction) -> bool:
    return next(iter(inspect.signature(function).parameters), "") == "ctx"


def _fields(function: ToolFunction) -> list[tuple[str, Any, Any]]:
    hints = get_type_hints(function, include_extras=True)
    fields: list[tuple[str, Any, Any]] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name == "ctx":
            continue
        if parameter.name not in hints:
            raise BugError(f"tool {function.__name__}: parameter {parameter.name} needs a type")
        default = msgspec.NODEFAULT if parameter.default is parameter.empty else parameter.default
        fields.append((parameter.name, _described(hints[parameter.name]), default))
    return fields


def _described(hint: Any) -> Any:
    """`Annotated[str, "text"]` in the words of msgspec."""
    if get_origin(hint) is not Annotated:
        return hint
    base, *notes = get_args(hint)
    for note in notes:
        base = Annotated[base, msgspec.Meta(description=note) if isinstance(note, str) else note]
    return base


def _object_schema(schema: JsonObject, components: dict[str, Any]) -> JsonObject:
    """The schema itself where msgspec gives a reference; what else it refers to as `$defs`."""
    own = str(schema.get("$ref", "")).rpartition("/")[2]
    found: JsonObject = dict(components.pop(own, schema))
    found.pop("title", None)
    return {**found, "$defs": components} if components else found


def _validator(struct: type[msgspec.Struct]) -> Callable[[JsonObject], JsonObject]:
    def validate(args: JsonObject) -> JsonObject:
        try:
            typed = msgspec.convert(args, struct)
        except msgspec.ValidationError as error:
            raise ToolError(str(error).replace("Object ", "").replace(" - at `$.", " - at `")) from error
        return msgspec.structs.asdict(typed)

    return validate


def _runner(
    function: ToolFunction, *, wants_context: bool
) -> Callable[[ToolContext, JsonObject], Awaitable[Observation]]:
    async def run(ctx: ToolContext, args: JsonObject) -> Observation:
        given = (ctx,) if wants_context else ()
        if inspect.iscoroutinefunction(function):
            return observed(await function(*given, **args))
        return observed(await asyncio.to_thread(function, *given, **args))

    return run


def observed(result: object) -> Observation:
    """Whatever a tool gave, as an Observation."""
    if isinstance(result, Observation):
        return result
    if isinstance(result, str):
        return Observation(text=result)
    if result is None:
        return Observation(text="done")
    try:
        return Observation(text=msgspec.json.encode(result).decode())
    except (TypeError, ValueError):  # not JSON: its own text is better than nothing
        return Observation(text=str(result))
