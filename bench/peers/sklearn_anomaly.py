"""IsolationForest and the distance to the 5th nearest neighbour, with scikit-learn, on one processor thread.

Both learn from the normal training rows alone. One argument, the task as JSON: NPY files of `train` and `test`, `seed`,
folder `scores` for METHOD.npy, the higher the more anomalous. The answer is a line of JSON with processor seconds.
"""
import json
import os
import sys
import time

import numpy
import sklearn
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import NearestNeighbors

NEIGHBOURS = 5
CHUNK = 2000  # test rows at a time: bounds the memory of brute force

task = json.loads(sys.argv[1])
train, test = numpy.load(task["train"]), numpy.load(task["test"])


def forest():
    model = IsolationForest(random_state=task["seed"]).fit(train)
    return -model.score_samples(test)


def neighbours():
    model = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(train)
    chunks = [model.kneighbors(test[i : i + CHUNK])[0][:, -1] for i in range(0, len(test), CHUNK)]
    return numpy.concatenate(chunks)


seconds = {}
for name, score in (("IsolationForest", forest), ("kNN", neighbours)):
    start = time.process_time()
    scores = numpy.asarray(score(), dtype=numpy.float64)
    seconds[name] = time.process_time() - start
    numpy.save(os.path.join(task["scores"], name + ".npy"), scores)
print(json.dumps({"version": sklearn.__version__, "cpuSeconds": seconds}))
