"""The rules: the policy, who somebody is, and whether what they want to change may be."""
