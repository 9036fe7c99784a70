"""PyMeasure: a procedure in its worker; ``shutdown`` switches off."""

import os

from pymeasure.experiment import Procedure, Results, Worker
from raw_bench import Contactors, Load, Pack, happen


class Energised(Procedure):
    """Energise in ``startup``, switch off in ``shutdown``."""

    DATA_COLUMNS = ["nothing"]  # noqa: RUF012  # PyMeasure's way

    def startup(self) -> None:
        """Switch on."""
        self.boxes = [Contactors(), Pack(), Load()]
        for box in self.boxes:
            box.on()

    def execute(self) -> None:
        """Let happen what shall happen."""
        happen(self.boxes)

    def shutdown(self) -> None:
        """Switch off."""
        for box in reversed(self.boxes):
            box.off()


if __name__ == "__main__":
    results = Results(Energised(), os.environ["KILL_MARK"] + ".csv")
    worker = Worker(results)
    worker.start()
    worker.join(timeout=3600)
