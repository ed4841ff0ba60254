"""desk: staff do for a neighbour who comes or calls what others do in the chat, on her own word, which is written down."""

from bot.flow import Action, Flow, Question
from bot.handlers.desk import conversation as say

FLOW = Flow(
    "desk",
    actions=(
        Action("desk.begin", say.on_duty, say.begin),
        Action("desk.open", say.of_somebody, say.open_),
        Action("desk.one", say.in_search, say.one),
        Action("desk.how", say.at_desk, say.how),
        Action("desk.page", say.at_desk, say.page),
        Action("desk.do", say.at_desk, say.do),
        Action("desk.withdraw", say.at_desk, say.withdraw),
        Action("desk.withdraw_yes", say.at_desk, say.withdraw_yes),
        Action("desk.area", say.at_desk, say.area),
        Action("desk.language", say.at_desk, say.language),
        Action("desk.erase_done", say.at_desk, say.erase_done),
        Action("desk.erase_all", say.at_desk, say.erase_all),
        Action("desk.key", say.on_duty, say.key),
        Action("desk.noted", say.on_duty, say.noted),
        Action("desk.enter", say.may_enter, say.enter),
        Action("desk.lives", say.may_enter, say.lives),
        Action("desk.speaks", say.may_enter, say.speaks),
        Action("desk.new", say.may_enter, say.new),
        Action("desk.no_phone", say.at_desk, say.no_phone),
        Action("desk.told", say.at_desk, say.told),
        Action("desk.over", say.standing_in, say.over),
    ),
    questions={
        "desk.find": Question(say.ask_find, say.hear_find),
        "desk.which": Question(say.ask_which, say.hear_find),
        "desk.how": Question(say.ask_how, say.hear_how),
        "desk.page": Question(say.ask_page, say.hear_page),
        "desk.agreed": Question(say.ask_agreed, say.hear_page),
        "desk.withdraw": Question(say.ask_withdraw, say.hear_page),
        "desk.name": Question(say.ask_name, say.hear_name),
        "desk.area": Question(say.ask_area, say.hear_area),
        "desk.language": Question(say.ask_language, say.hear_page),
        "desk.new": Question(say.ask_new, say.hear_page, once=True),
        "desk.new_area": Question(say.ask_new_area, say.hear_new_area),
        "desk.speaks": Question(say.ask_speaks, say.hear_page),
        "desk.phone": Question(say.ask_phone, say.hear_phone),
        "desk.told": Question(say.ask_told, say.hear_told, once=True),
        "desk.tie": Question(say.ask_tie, say.hear_tie),
        "desk.erase": Question(say.ask_erase, say.hear_page),
    },
)
