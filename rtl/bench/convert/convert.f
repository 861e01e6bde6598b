rtl/generated/apus_isa_pkg.sv
rtl/numeric/apus_convert_pkg.sv
rtl/numeric/apus_convert_decode.sv
rtl/numeric/apus_convert_normalise.sv
rtl/numeric/apus_convert_facts.sv
rtl/numeric/apus_convert_align.sv
rtl/numeric/apus_convert_round.sv
rtl/numeric/apus_convert.sv
