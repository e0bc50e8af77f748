print("selat")
