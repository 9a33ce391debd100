import { openSession } from './workers/duckdb-session.ts';
import { fromTable, close } from './index.ts';
const n=Number(process.argv[2]??500000);
const s = await openSession({memoryLimitBytes:6e9, spillDir:'/tmp/exp/sp'});
await s.run(`COPY (SELECT i AS id, 40*((i*7919)%1000003)/1000003.0 AS ra, 20*((i*104729)%1000033)/1000033.0 AS dec, {'mjd': list_transform(range(100), lambda x: 58000.0+x*3.1+(i%1000)*0.001), 'mag': list_transform(range(100), lambda x: (15+((x*7919+i*104729)%1000)/200.0)::FLOAT), 'magerr': list_transform(range(100), lambda x: (((x*31+i*17)%100)/1000.0)::FLOAT)} AS lc FROM range(${n}) t(i)) TO '/tmp/exp/lcs.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20000)`);
s.close();
const r= await fromTable('/tmp/exp/lcs.parquet',{ra:'ra',dec:'dec',name:'lcs'}).writeHats('/tmp/exp/lcs',{rowsPerPartition:60000, overwrite:true, memoryBytes: 8e9});
console.log(r.rows,r.partitions,r.seconds);
await close();
