"""post: standing posts are proposed, opened, held and let go; their shifts are kept, and somebody steps in."""

from bot.community import posts, shifts
from bot.flow import Action, Flow, Question, Sweep, anybody, in_talk, registered
from bot.handlers.post import conversation as say
from bot.handlers.post import staffing

FLOW = Flow(
    "post",
    links={"p": say.link},
    actions=(
        Action("post.list", anybody, say.list_),
        Action("post.card", say.there_is, say.card),
        Action("post.join", say.open_now, say.join),
        Action("post.agree", say.open_now, say.agree),
        Action("post.once", say.open_now, say.once),
        Action("post.this_once", say.open_then, say.this_once),
        Action("post.offer_yes", say.offered, say.offer_yes),
        Action("post.leave", say.holder, say.leave),
        Action("post.still", say.as_read, say.still),
        Action("post.mine", registered, say.mine),
        Action("post.shift", say.of_shift, say.shift_card),
        Action("post.come", say.of_shift_now, say.come),
        Action("post.cannot", say.of_shift_now, say.cannot),
        Action("post.deputy", say.with_place, say.deputy),
        Action("post.here", say.at_post, say.here),
        Action("post.away", say.at_post, say.gone),
        Action("post.hours", registered, say.hours),
        Action("post.hours_yes", say.notice_read, say.hours_yes),
        Action("post.propose", registered, say.propose),
        Action("post.idea_send", in_talk, say.idea_send),
        Action("post.desk", staffing.on_duty, staffing.desk),
        Action("post.review", staffing.of_post, staffing.review),
        Action("post.insured", staffing.of_post_now, staffing.insured),
        Action("post.open", staffing.of_post_now, staffing.open_),
        Action("post.decline", staffing.of_post_now, staffing.decline),
        Action("post.hide", staffing.of_post_now, staffing.hide),
        Action("post.pause", staffing.of_post_now, staffing.pause),
        Action("post.close", staffing.of_post_now, staffing.close),
        Action("post.close_yes", staffing.of_post_now, staffing.close_yes),
        Action("post.edit", staffing.of_post_now, staffing.edit),
        Action("post.set", staffing.in_edit, staffing.set_),
        Action("post.tick", staffing.in_edit, staffing.tick),
        Action("post.ticked", staffing.in_edit, staffing.ticked),
        Action("post.ahead", staffing.of_post, staffing.ahead),
        Action("post.roster", staffing.of_shift, staffing.roster),
        Action("post.fix", staffing.of_place, staffing.fix),
        Action("post.fixed", staffing.of_place, staffing.fixed),
        Action("post.call", staffing.of_post, staffing.call),
    ),
    questions={
        "post.idea": Question(say.ask_idea, say.hear_idea),
        "post.idea_check": Question(say.ask_idea_check, say.hear_idea_check),
        "post.edit": Question(staffing.ask_edit, staffing.hear_edit),
        "post.value": Question(staffing.ask_value, staffing.hear_value),
        "post.tick": Question(staffing.ask_tick, staffing.hear_tick),
    },
    sweeps=(
        Sweep(posts.due, say.tend),
        Sweep(posts.members_due, say.look),
        Sweep(shifts.due, say.tend_shift),
        Sweep(shifts.places_due, say.remind),
    ),
)
