"""What the tests of a ruleset have seen of its rules, and what not (S30)."""

from afterword.coverage.branches import Branch
from afterword.coverage.report import Coverage, CoverageReport, RuleCoverage

__all__ = ["Branch", "Coverage", "CoverageReport", "RuleCoverage"]
