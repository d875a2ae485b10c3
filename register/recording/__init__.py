"""What happens to permissions, other grounds, placements and training over time, each as one function.

Every function takes ``now``, records it as the time at which it became known in the name of who acts
(``register.acting``), and does the whole of it or nothing. A retry of the same changes nothing. What cannot be is
``Impossible``, with a sentence that says what to do instead.
"""

from register.recording.at_once import (
    change_organisation,
    change_team,
    end_part,
    join_team,
    make_regulator,
    write_in,
)
from register.recording.bases import NewBasis, end_basis, record_basis, review_basis
from register.recording.comings import (
    NewParty,
    NewPerson,
    add_household,
    add_organisation,
    add_party,
    add_person,
    add_team,
)
from register.recording.frame import Impossible
from register.recording.keys import take_out_key, take_up_key
from register.recording.lines import Line, add_line, change_grants, change_line
from register.recording.lives import (
    assess_capacity,
    begin_placement,
    begin_support,
    end_placement,
    end_support,
    note_agreement,
    record_death,
    record_training,
)
from register.recording.permissions import (
    BestInterests,
    Form,
    note_document,
    record_best_interests,
    record_permission,
    withdraw,
)
from register.recording.reviews import close_review_request, renew, review_release
from register.recording.turns import change_mailbox, give_officer, move_carer

__all__ = [
    "BestInterests",
    "Form",
    "Impossible",
    "Line",
    "NewBasis",
    "NewParty",
    "NewPerson",
    "add_household",
    "add_line",
    "add_organisation",
    "add_party",
    "add_person",
    "add_team",
    "assess_capacity",
    "begin_placement",
    "begin_support",
    "change_grants",
    "change_line",
    "change_mailbox",
    "change_organisation",
    "change_team",
    "close_review_request",
    "end_basis",
    "end_part",
    "end_placement",
    "end_support",
    "give_officer",
    "join_team",
    "make_regulator",
    "move_carer",
    "note_agreement",
    "note_document",
    "record_basis",
    "record_best_interests",
    "record_death",
    "record_permission",
    "record_training",
    "renew",
    "review_basis",
    "review_release",
    "take_out_key",
    "take_up_key",
    "withdraw",
    "write_in",
]
