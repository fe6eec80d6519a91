%% Runs scenarios on Erlang's own supervisor and prints what happened, one line a step:
%% "scenario step token ... | running ...". Tokens: +id for a start, -id for an end, the answer to a request.
-module(otp_diff).
-behaviour(supervisor).
-export([main/1, init/1, start_sup/1, start_worker/1, worker/2]).

main([File]) ->
    logger:set_primary_config(level, none),
    {ok, Scenarios} = file:consult(File),
    ets:new(failing, [named_table, public]),
    register(tracer, spawn(fun() -> tracer([], 0) end)),
    lists:foldl(
        fun({Tree, Steps}, Number) -> scenario(Number, Tree, Steps), Number + 1 end, 0, Scenarios),
    halt().

scenario(Number, Tree, Steps) ->
    ets:delete_all_objects(failing),
    Ids = ids(Tree),
    Self = self(),
    Runner = spawn(fun() ->
        process_flag(trap_exit, true),
        {ok, _} = start_sup(Tree),
        report(Number, 0, Ids),
        lists:foldl(fun(Step, I) -> step(Step), report(Number, I, Ids), I + 1 end, 1, Steps),
        Self ! {done, self()}
    end),
    Ref = monitor(process, Runner),
    receive {done, Runner} -> ok; {'DOWN', Ref, _, _, Why} -> io:format("~w crashed ~p~n", [Number, Why]) end,
    gone([root | Ids]),
    take().

gone(Ids) ->
    case [Id || Id <- Ids, whereis(Id) =/= undefined] of
        [] -> ok;
        _ -> timer:sleep(1), gone(Ids)
    end.

ids({node, _, _, _, _, _, _, _, Children}) ->
    lists:flatmap(fun(C) -> [element(2, C) | ids(C)] end, Children).

step({stop, Targets}) ->
    Alive = [{whereis(Id), How} || {Id, How} <- Targets, whereis(Id) =/= undefined],
    lists:foreach(fun({P, kill}) -> exit(P, kill); ({P, How}) -> P ! {stop, How} end, Alive);
step({fail, Id, Count}) -> ets:insert(failing, {Id, Count});
step({wait, Ms}) -> timer:sleep(Ms);
step({Kind, Id, Parent}) ->
    case whereis(Parent) of
        undefined -> ok;
        Sup -> tracer ! {note, answer(by_hand(Kind, Sup, Id))}
    end.

by_hand(terminate, Sup, Id) -> supervisor:terminate_child(Sup, Id);
by_hand(restart, Sup, Id) -> supervisor:restart_child(Sup, Id);
by_hand(delete, Sup, Id) -> supervisor:delete_child(Sup, Id).

answer(ok) -> "ok";
answer({ok, _}) -> "ok";
answer({error, not_found}) -> "not_found";
answer({error, running}) -> "running";
answer({error, restarting}) -> "restarting";
answer({error, _}) -> "start_failed".

report(Number, I, Ids) ->
    quiet(count(), 0, Ids),
    Running = [atom_to_list(Id) || Id <- lists:sort(Ids), whereis(Id) =/= undefined],
    Line = lists:join(" ", take() ++ ["|"] ++ Running),
    io:format("~w ~w ~s~n", [Number, I, Line]).

%% Quiet: three looks in a row, a moment apart, in which every supervisor has answered and nothing was noted.
quiet(_, 3, _) -> ok;
quiet(Before, Times, Ids) ->
    [catch supervisor:count_children(Id) || Id <- [root | Ids], hd(atom_to_list(Id)) =/= $w, whereis(Id) =/= undefined],
    receive after 1 -> ok end,
    case count() of
        Before -> quiet(Before, Times + 1, Ids);
        After -> quiet(After, 0, Ids)
    end.

count() -> ask(count).
take() -> ask(take).

ask(What) ->
    tracer ! {What, self()},
    receive {tracer, Answer} -> Answer end.

tracer(Notes, Count) ->
    receive
        {started, Id, Pid} ->
            monitor(process, Pid, [{tag, {ended, Id}}]),
            Pid ! traced,
            tracer(["+" ++ atom_to_list(Id) | Notes], Count + 1);
        {{ended, Id}, _, process, _, _} ->
            tracer(["-" ++ atom_to_list(Id) | Notes], Count + 1);
        {note, Text} -> tracer([Text | Notes], Count + 1);
        {count, From} -> From ! {tracer, Count}, tracer(Notes, Count);
        {take, From} -> From ! {tracer, lists:reverse(Notes)}, tracer([], Count)
    end.

traced(Id) ->
    tracer ! {started, Id, self()},
    receive traced -> ok end.

start_sup(Node) -> supervisor:start_link({local, element(2, Node)}, ?MODULE, Node).

init({node, Id, _, _, Strategy, Intensity, Period, Auto, Children}) ->
    traced(Id),
    Flags = #{strategy => Strategy, intensity => Intensity, period => Period, auto_shutdown => Auto},
    {ok, {Flags, [spec(Child) || Child <- Children]}}.

spec({node, Id, Restart, Significant, none, _, _, _, _}) ->
    #{id => Id, start => {?MODULE, start_worker, [Id]}, restart => Restart, significant => Significant};
spec({node, Id, Restart, Significant, _, _, _, _, _} = Node) ->
    #{id => Id, start => {?MODULE, start_sup, [Node]}, restart => Restart, significant => Significant,
      type => supervisor}.

start_worker(Id) -> proc_lib:start_link(?MODULE, worker, [Id, self()]).

worker(Id, _Parent) ->
    traced(Id),
    case ets:lookup(failing, Id) of
        [{Id, N}] when N > 0 -> ets:insert(failing, {Id, N - 1}), exit(init);
        _ -> ok
    end,
    register(Id, self()),
    proc_lib:init_ack({ok, self()}),
    receive {stop, How} -> exit(How) end.
