# SPDX-License-Identifier: MIT
# A line for each allocator over the number of live blocks. Given: data, image, columns, colours, what.
set terminal svg size 800,420 font 'sans,11' background 'white'
set output image
set datafile missing '?'
set logscale xy
set format x '10^%T'
set xlabel 'live blocks'
set ylabel what
set grid
set key outside right
plot for [i=2:columns] data using 1:i with linespoints lw 2 lc rgb word(colours, i - 1) title columnheader(i)
