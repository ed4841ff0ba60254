"""review: staff look at what came in: let it out, ask back, or decline with a reason."""

from bot.community import laid_aside, queue
from bot.flow import Action, Flow, Question, Sweep, in_talk
from bot.handlers.review import conversation as say

FLOW = Flow(
    "review",
    actions=(
        Action("review.queue", say.on_duty_at_all, say.queue),
        Action("review.look", say.on_duty, say.look),
        Action("review.approve", say.on_duty_to_let_out, say.approve),
        Action("review.ask_back", say.on_duty_now, say.ask_back),
        Action("review.ask_second", say.on_duty_for_child, say.ask_second),
        Action("review.second", say.on_duty_to_second, say.second),
        Action("review.phone", say.on_duty, say.phone),
        Action("review.ours", say.on_duty_to_take, say.ours),
        Action("review.other_time", say.on_duty_while_looking, say.other_time),
        Action("review.seen", say.on_duty_while_looking, say.seen),
        Action("review.cannot", say.on_duty_while_looking, say.cannot),
        Action("review.settled", say.on_duty_to_settle, say.settled),
        Action("review.arrange", say.in_queue, say.arrange),
        Action("review.take", say.in_queue, say.take),
        Action("review.give_back", say.in_queue, say.give_back),
        Action("review.put_off", say.in_queue, say.put_off),
        Action("review.notes", say.on_duty, say.show_notes),
        Action("review.note", say.on_duty, say.note_down),
        Action("review.note_keep", in_talk, say.note_keep),
        Action("review.letter", say.sees_letters, say.letter),
        Action("review.replay", say.sees_letters, say.replay),
        Action("review.let_lie", say.sees_letters, say.let_lie),
    ),
    questions={
        "review.question": Question(say.ask_question, say.hear_question),
        "review.note": Question(say.ask_note, say.hear_note),
        "review.note_of": Question(say.ask_note_of, say.hear_note_of),
    },
    sweeps=(Sweep(queue.due, say.come_back), Sweep(laid_aside.due, say.tell_letters)),
    shows=say.shows,
)
