module seccraft.test/programs

go 1.12
