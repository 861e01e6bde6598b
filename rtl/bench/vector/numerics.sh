# Sourced by benches: compiles CApusNumerics and the engines of CApusMachine, the emulator's fast
# path, with clang, which the Swift toolchain brings, into the archive `$numerics`.
numerics=$PWD/build/rtl/numerics/libapusnumerics.a
mkdir -p "$(dirname "$numerics")"
newest=$(ls -t Sources/CApusNumerics/* Sources/CApusMachine/* "$numerics" 2> /dev/null | head -1)
if [ "$newest" != "$numerics" ]; then
  for source in Sources/CApusNumerics/*.c Sources/CApusMachine/*.c; do
    clang -O2 -ffp-contract=off -ISources/CApusNumerics/include -ISources/CApusMachine/include \
      -c "$source" -o "$(dirname "$numerics")/$(basename "$source" .c).o"
  done
  rm -f "$numerics"
  ar rcs "$numerics" "$(dirname "$numerics")"/*.o
fi
