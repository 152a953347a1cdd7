"""Problems with programs that are right and twins that are not: what verdicts on programs are measured against, rule by rule.

The problems were made up for this table, so no model can have been trained on them and nothing is owed to any data set. Each rule of
`compare_outputs` and `compare_values` has programs on both sides of its border. No row stands on what the rules leave open.
"""

from tests.filters.programs.code_row import CodeRow
from tests.filters.programs.rows_asserts import ASSERTS
from tests.filters.programs.rows_calls import CALLS
from tests.filters.programs.rows_checks import CHECKS
from tests.filters.programs.rows_outputs import OUTPUTS
from tests.filters.programs.rows_stdin import STDIN

ROWS: tuple[CodeRow, ...] = (*STDIN, *OUTPUTS, *CALLS, *ASSERTS, *CHECKS)
