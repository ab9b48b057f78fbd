# SPDX-License-Identifier: MIT
# A group of bars for each trace. Given: data, image, columns, colours, pool.
set terminal svg size 960,420 noenhanced font 'sans,11' background 'white'
set output image
set style data histogram
set style histogram clustered gap 1
set style fill solid
set datafile missing '?'
set title pool.' pools'
set ylabel 'ns per operation, without the bench itself'
set yrange [0:*]
set grid ytics
set key outside right
plot for [i=2:columns] data using i:xtic(1) lc rgb word(colours, i - 1) title columnheader(i)
