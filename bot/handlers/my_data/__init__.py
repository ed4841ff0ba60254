"""my_data: what we hold, who opened it; correct it, take a yes back, take a copy, have it erased."""

from bot.flow import Action, Flow, Question, in_talk, registered
from bot.handlers.my_data import conversation as say

FLOW = Flow(
    "my_data",
    commands={"mydata": say.command},
    actions=(
        Action("my_data.see", registered, say.see),
        Action("my_data.cases", registered, say.cases_),
        Action("my_data.opened", registered, say.opened),
        Action("my_data.change", registered, say.change),
        Action("my_data.rejoin", registered, say.rejoin),
        Action("my_data.ties", registered, say.ties),
        Action("my_data.untie", registered, say.untie),
        Action("my_data.copy", registered, say.copy),
        Action("my_data.copy_make", in_talk, say.copy_make),
        Action("my_data.copy_key", registered, say.copy_key),
        Action("my_data.copy_noted", registered, say.copy_noted),
        Action("my_data.move", registered, say.move),
        Action("my_data.area", in_talk, say.area),
        Action("my_data.agreed", registered, say.agreed),
        Action("my_data.withdraw", say.agreed_still, say.withdraw),
        Action("my_data.withdraw_yes", in_talk, say.withdraw_yes),
        Action("my_data.erase", registered, say.erase),
        Action("my_data.erase_done", in_talk, say.erase_done),
        Action("my_data.erase_all", in_talk, say.erase_all),
    ),
    questions={
        "my_data.area": Question(say.ask_area, say.hear_area),
        "my_data.withdraw": Question(say.ask_withdraw, say.hear_withdraw),
        "my_data.copy": Question(say.ask_copy, say.hear_copy),
        "my_data.erase": Question(say.ask_erase, say.hear_erase),
    },
)
