"""home: the menu, help, settings, and the way back from anywhere."""

from bot.flow import Action, Flow, Question, anybody, in_open_talk, registered
from bot.handlers.home import conversation as say

FLOW = Flow(
    "home",
    commands={
        "help": say.help_,
        "cancel": say.cancel,
        "privacy": say.privacy,
        "language": say.other_language,
        "settings": say.settings,
    },
    actions=(
        Action("home.menu", anybody, say.to_menu),
        Action("home.go_on", anybody, say.go_on),
        Action("home.all_said", in_open_talk, say.tap_all_said),
        Action("home.back", say.from_here, say.back),
        Action("home.privacy", anybody, say.tap_privacy),
        Action("home.notice", anybody, say.notice),
        Action("home.settings", anybody, say.tap_settings),
        Action("home.simple", anybody, say.simple),
        Action("home.language", anybody, say.tap_language),
        Action("home.rename", registered, say.rename),
    ),
    questions={"home.rename": Question(say.ask_rename, say.hear_name)},
)
