"""Figures as ratios measured in one run; `make bench`, or `make bench BENCH=load` for one."""
