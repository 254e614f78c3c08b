"""Who saw the transfers of a run.

* `dependence`: how dependent two observers of the same transfers are.
* `answer`: which eyes saw the transfers of a run.
* `tables`: the page of `seasweep eyes`.
"""
