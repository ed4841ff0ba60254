"""roles: who of the staff holds which role until when; giving one, ending one, stepping aside from a case."""

from bot.community import staff
from bot.flow import Action, Flow, Sweep
from bot.handlers.roles import conversation as say

FLOW = Flow(
    "roles",
    commands={"roles": say.command},
    actions=(
        Action("roles.list", say.of_staff, say.list_),
        Action("roles.one", say.of_role, say.one),
        Action("roles.give", say.who_names, say.give),
        Action("roles.from", say.who_names, say.from_),
        Action("roles.until", say.who_names, say.until),
        Action("roles.code", say.who_names, say.code),
        Action("roles.longer", say.who_names_her, say.longer),
        Action("roles.end", say.who_ends, say.end),
        Action("roles.aside", say.of_case, say.aside),
        Action("roles.aside_yes", say.of_case, say.aside_yes),
    ),
    sweeps=(Sweep(staff.ending, say.remind), Sweep(staff.outlived, say.let_go)),
)
