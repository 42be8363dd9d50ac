"""Figures as ratios measured in one run; `make bench` runs them all, `make bench BENCH=load` one."""
