"""docs/reliability.md tells of the faults that the suite does, and of what came of them."""

from collections import Counter

from shared_fixtures.faults.results import PAGE, read_results, with_results
from shared_fixtures.faults.table import FAULTS, WHOLE, first_seeds, round_of


def test_the_matrix_is_that_of_the_suite_and_of_its_last_results():
    page = PAGE.read_text()
    assert with_results(page, read_results()) == page, "run `make faults`, and commit what it wrote"


def test_each_round_on_record_did_the_fault_that_its_seed_draws():
    done = read_results()
    assert done
    for seed, one in done.items():
        assert one["fault"] == round_of(seed).fault.name, "run `make faults` anew"


def test_the_seeds_do_every_fault_as_often_as_the_table_says():
    drawn = Counter(round_of(seed).fault.name for seed in range(WHOLE))
    assert drawn == {fault.name: fault.rounds for fault in FAULTS}
    assert WHOLE == 100
    assert {fault.name for fault in first_seeds()} == drawn.keys()
