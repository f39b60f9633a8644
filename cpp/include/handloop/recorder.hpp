// One row of numbers per tick into memory that was taken beforehand.
#pragma once

#include <mujoco/mujoco.h>

#include <stdexcept>

#include "handloop/tick_row.hpp"

namespace handloop {

class Recorder {
 public:
  // `sensors`: MuJoCo sensors recorded as they are, without noise or delay.
  Recorder(const mjModel& m, const Controller& controller, const std::vector<int>& sensors,
           int capacity)
      : tick_(controller), channels_(tick_.channels()), width_(tick_.width()) {
    for (int id : sensors) {
      if (id < 0 || id >= m.nsensor) {
        throw std::invalid_argument("the model has no sensor " + std::to_string(id));
      }
      const char* name = mj_id2name(&m, mjOBJ_SENSOR, id);
      channels_.push_back({name ? name : "sensor" + std::to_string(id), width_, m.sensor_dim[id]});
      width_ += m.sensor_dim[id];
      sensors_.push_back({m.sensor_adr[id], m.sensor_dim[id]});
    }
    rows_.resize(static_cast<std::size_t>(capacity) * static_cast<std::size_t>(width_));
  }

  void clear() { count_ = 0; }

  // Rows beyond the capacity are not kept. `truth` is the plant's, null if no sensor is recorded.
  void record(const HandState& state, const HandCommand& command, const Controller& controller,
              const double* truth) {
    if (static_cast<std::size_t>(count_ + 1) * static_cast<std::size_t>(width_) > rows_.size())
      return;
    double* out = rows_.data() + offset(count_);
    tick_.write(state, command, controller, out);
    out += tick_.width();
    for (const Slice& sensor : sensors_) {
      out = std::copy_n(truth + sensor.begin, sensor.size, out);
    }
    ++count_;
  }

  // What the motors were told in row `i`.
  void effort(int i, ActuatorVector& out) const { tick_.effort(rows_.data() + offset(i), out); }

  // The newest row; there must be one.
  const double* last() const { return rows_.data() + offset(count_ - 1); }

  int count() const { return count_; }
  int width() const { return width_; }
  const double* data() const { return rows_.data(); }
  const std::vector<Channel>& channels() const { return channels_; }

 private:
  struct Slice {
    int begin, size;
  };

  std::size_t offset(int row) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(width_);
  }

  TickRow tick_;
  std::vector<Channel> channels_;
  int width_, count_ = 0;
  std::vector<Slice> sensors_;
  std::vector<double> rows_;
};

}  // namespace handloop
