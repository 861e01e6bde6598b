print("apus-dev")
