module twins

go 1.19
