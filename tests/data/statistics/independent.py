#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statistics of core/evaluation, computed another way, by numpy and scipy.

Reads a JSON object {"cases": [{"kind": ..., ...}]} from stdin and writes the list of results to stdout. Written from the
definitions, not from the C++: distributions, optimisation, permutation and resampling are scipy's and numpy's own.
"""

import json
import sys

import numpy as np
from scipy import optimize, stats


def proportion(case):
    test = stats.binomtest(case["x"], case["n"])
    wilson = test.proportion_ci(method="wilson")
    return [wilson.low, wilson.high]


def quantile(case):
    k = case["degrees"]
    return [stats.t.ppf(0.975, k), stats.t.ppf(0.01, k), stats.norm.ppf(1 - 1 / (k + 1)), stats.norm.cdf(-np.sqrt(k) / 4),
            stats.binom.cdf(k // 3, k, 0.4)]


def sign(case):
    wins, losses = case["wins"], case["losses"]
    return [stats.binomtest(wins, wins + losses).pvalue if wins + losses else 1.0]


def paired(case):
    """Wald's interval of the difference after adding one to each discordant cell, from the covariance of the multinomial."""
    counts = np.array([case["wins"] + 1, case["losses"] + 1, case["n"] - case["wins"] - case["losses"]], dtype=float)
    share = counts / counts.sum()
    covariance = (np.diag(share) - np.outer(share, share)) / counts.sum()
    along = np.array([1, -1, 0])
    low, high = stats.norm.interval(0.95, loc=along @ share, scale=np.sqrt(along @ covariance @ along))
    return [max(-1, low), min(1, high)]


def student(case):
    values = np.array(case["values"])
    return list(stats.t.interval(0.95, len(values) - 1, loc=values.mean(), scale=stats.sem(values)))


def flip(case):
    values = np.array(case["values"])
    resamples = np.inf if case["exact"] else 40_000
    result = stats.permutation_test((values,), np.sum, permutation_type="samples", n_resamples=resamples,
                                    alternative="two-sided", vectorized=True, random_state=5)
    return [float(result.pvalue)]


def bootstrap(case):
    values = np.array(case["values"])
    draws = np.random.default_rng(11).choice(values, (40_000, len(values)))
    t = (draws.mean(axis=1) - values.mean()) / (draws.std(axis=1, ddof=1) / np.sqrt(len(values)))
    below, above = np.quantile(t, [0.025, 0.975])
    bca = stats.bootstrap((values,), np.mean, method="BCa", n_resamples=10_000, random_state=3).confidence_interval
    return [values.mean() - above * stats.sem(values), values.mean() - below * stats.sem(values), bca.low, bca.high]


def holm(case):
    p = np.array(case["values"])
    return [float(max(min(1, (len(p) - np.sum(p < q)) * q) for q in p if q <= own)) for own in p]


def bradley_terry(case):
    """Maximum likelihood by BFGS, errors from a Hessian of finite differences. One row of the table per comparison."""
    k, duels = case["variants"], np.array(case["duels"])
    first, second, share = duels[:, 0].astype(int), duels[:, 1].astype(int), duels[:, 2]

    def loss(free):
        strength = np.append(free, 0.0)
        gap = strength[first] - strength[second]
        return np.sum(share * np.logaddexp(0, -gap) + (1 - share) * np.logaddexp(0, gap))

    best = optimize.minimize(loss, np.zeros(k - 1), method="BFGS", options={"gtol": 1e-9}).x
    step = 1e-3
    hessian = np.empty((k - 1, k - 1))
    for i in range(k - 1):
        for j in range(k - 1):
            a, b = np.eye(k - 1)[i] * step, np.eye(k - 1)[j] * step
            hessian[i, j] = (loss(best + a + b) - loss(best + a - b) - loss(best - a + b) + loss(best - a - b)) / (4 * step**2)
    # From "relative to the last" to "mean 0".
    centre = np.eye(k) - 1 / k
    covariance = np.zeros((k, k))
    covariance[:-1, :-1] = np.linalg.inv(hessian)
    return list(centre @ np.append(best, 0)) + list(np.sqrt(np.diag(centre @ covariance @ centre.T)))


def kappa(case):
    """The error by the delta method: the gradient of kappa over the cells' shares is taken numerically."""
    table = np.array(case["table"], dtype=float)
    n = table.sum()

    def of(share):
        share = share.reshape(table.shape) / share.sum()
        chance = share.sum(axis=1) @ share.sum(axis=0)
        return (np.trace(share) - chance) / (1 - chance)

    share = table.flatten() / n
    slope = optimize.approx_fprime(share, of, 1e-7)
    variance = (slope**2 @ share - (slope @ share) ** 2) / n
    return [of(share), float(np.sqrt(max(0, variance)))]


def anytime(case):
    """Mixtures of products, straight from their definition."""
    values = np.array(case["values"])
    if case["shares"]:
        bets = (np.arange(40) + 0.5) / 40
        weights = (1 - bets) / np.sum(1 - bets)
        capital = [np.prod(1 + side * bets[:, None] * values, axis=1) for side in (1, -1)]
    else:
        bets = 4.0 ** np.arange(-8, 10)
        weights = np.full(len(bets), 1 / len(bets))
        with np.errstate(over="ignore"):
            # exp(x) / cosh(x)
            capital = [np.prod(2 / (1 + np.exp(-2 * side * bets[:, None] * values)), axis=1) for side in (1, -1)]
    return [float(min(1, 1 / np.sum(weights * (capital[0] + capital[1]) / 2)))]


def table(case):
    """Means, differences and counts of a whole table with repetitions and gaps."""
    means = [[np.mean(example) if example else np.nan for example in variant] for variant in case["values"]]
    means = np.array(means, dtype=float)
    result = list(np.nanmean(means, axis=1))
    for first in range(len(means)):
        for second in range(first + 1, len(means)):
            off = means[second] - means[first]
            off = off[~np.isnan(off)]
            off = np.where(np.abs(off) < 1e-12, 0, off)
            result += [float(off.mean()), int(np.sum(off > 0)), int(np.sum(off < 0)), int(np.sum(off == 0))]
    return result


def size(case):
    """Power of the paired t-test with the n that was advised, from the noncentral t distribution."""
    n, effect = case["n"], case["effect"]
    limit = stats.t.ppf(0.975, n - 1)
    return [float(1 - stats.nct.cdf(limit, n - 1, effect * np.sqrt(n)) + stats.nct.cdf(-limit, n - 1, effect * np.sqrt(n)))]


KINDS = {f.__name__: f for f in (proportion, quantile, sign, paired, student, flip, bootstrap, holm, bradley_terry, kappa, anytime,
                                 table, size)}

if __name__ == "__main__":
    json.dump([[float(x) for x in KINDS[case["kind"]](case)] for case in json.load(sys.stdin)["cases"]], sys.stdout)
