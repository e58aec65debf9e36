"""What keeps an installation going: its folder and machine, processes, jobs, the ticker, backups."""
