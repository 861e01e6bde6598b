rtl/generated/apus_isa_pkg.sv
rtl/numeric/apus_convert_pkg.sv
rtl/numeric/apus_convert_decode.sv
rtl/numeric/apus_convert_encode.sv
rtl/numeric/apus_convert.sv
