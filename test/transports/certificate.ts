// A certificate for localhost that nobody vouches for, and its key. Worthless elsewhere; valid for a hundred years.

export const certificate = `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUcGjS3qdRtZqOyPb4MbbGqhbXWeUwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjIyMTAzMFoYDzIxMjYxMDI5
MjIxMDMwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQXf4yKh4TMPOMN0TBwXlrwRk+D4yk30oY8GsWWHBbnOwUhvxyd6B+x
HJD8Om52j3pz2YBuamMqxR1L6lPckublo28wbTAdBgNVHQ4EFgQU7ki46ceK3mHh
IDeMj0mWjykD+k8wHwYDVR0jBBgwFoAU7ki46ceK3mHhIDeMj0mWjykD+k8wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhANe8vKy/BxA9cQe1gole/Umf39N3Z1l1mxsxQTtdj8w1AiEA
poknI1nqHYuRqKKZ8ewbK3R2hof4hZXN0cjERMiFGaM=
-----END CERTIFICATE-----`

export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmCEvs17yaWw5inrm
PQYmE9XYrPPvPzNXEhrOdDf0t2ihRANCAAQXf4yKh4TMPOMN0TBwXlrwRk+D4yk3
0oY8GsWWHBbnOwUhvxyd6B+xHJD8Om52j3pz2YBuamMqxR1L6lPckubl
-----END PRIVATE KEY-----`
