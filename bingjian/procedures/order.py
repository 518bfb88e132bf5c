"""The refusal of a step that a state does not allow."""

from bingjian.procedures.kinds import Kind, Move
from bingjian.rules.decision import Refusal, enumerated
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


def out_of_order(law: Law, kind: Kind, move: Move, state: str) -> Refusal:
    """By the duty that guards the order of this kind."""
    now, wanted = kind.states[state], enumerated(kind.states[one] for one in move.source)
    return law.refusal(
        kind.order,
        Words(
            f"{kind.words.zh}处于“{now.zh}”，不能办理“{move.words.zh}”",
            f'{kind.words.en} is "{now.en}": "{move.words.en}" is out of order',
        ),
        Words(f"此项只能在“{wanted.zh}”时办理", f'this step is for the state "{wanted.en}"'),
    )
