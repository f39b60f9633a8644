// One row of numbers per tick into memory that was taken beforehand.
#pragma once

#include <mujoco/mujoco.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "handloop/controller.hpp"

namespace handloop {

// A named run of columns.
struct Channel {
  std::string name;
  int begin = 0;
  int width = 0;
};

class Recorder {
 public:
  // `sensors`: MuJoCo sensors recorded as they are, without noise or delay.
  Recorder(const mjModel& m, int joint_count, int actuator_count, int finger_count,
           const std::vector<int>& sensors, int capacity)
      : joints_(joint_count), actuators_(actuator_count), fingers_(finger_count) {
    for (auto [name, size] : {std::pair{"time", 1},
                              {"safety", 1},
                              {"fault", 1},
                              {"grip_level", 1},
                              {"friction", 1},
                              {"load", 1},
                              {"slipping", 1}}) {
      add(name, size);
    }
    for (const char* name : {"q", "dq", "torque"}) add(name, joint_count);
    add("effort", actuator_count);
    effort_begin_ = width_ - actuator_count;
    for (const char* name :
         {"normal_force", "tangential_force", "wanted_force", "slip_speed", "gripping"}) {
      add(name, finger_count);
    }
    for (int id : sensors) {
      if (id < 0 || id >= m.nsensor) {
        throw std::invalid_argument("the model has no sensor " + std::to_string(id));
      }
      const char* name = mj_id2name(&m, mjOBJ_SENSOR, id);
      add(name ? name : "sensor" + std::to_string(id), m.sensor_dim[id]);
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
    out_ = rows_.data() + static_cast<std::size_t>(count_) * static_cast<std::size_t>(width_);
    put(command.time);
    put(static_cast<double>(controller.safety().state()));
    put(static_cast<double>(controller.safety().fault()));
    put(controller.grip().level());
    put(controller.grip().friction());
    put(controller.grip().load());
    put(controller.grip().slipping());
    put(state.q.data(), joints_);
    put(state.dq.data(), joints_);
    put(command.torque.data(), joints_);
    put(command.effort.data(), actuators_);
    const auto per_finger = [this](auto value) {
      for (int f = 0; f < fingers_; ++f) put(value(f));
    };
    const ForceFeedback& felt = controller.force_feedback();
    per_finger([&](int f) { return felt.finger(f).normal; });
    per_finger([&](int f) { return felt.finger(f).tangential; });
    per_finger([&](int f) { return controller.grip().wanted_force(f); });
    per_finger([&](int f) { return felt.finger(f).slip_speed; });
    per_finger([&](int f) { return controller.task().gripping(f); });
    for (const Slice& sensor : sensors_) put(truth + sensor.begin, sensor.size);
    ++count_;
  }

  // What the motors were told in row `i`.
  void effort(int i, ActuatorVector& out) const {
    const std::size_t row = static_cast<std::size_t>(i) * static_cast<std::size_t>(width_);
    out = Eigen::Map<const Eigen::VectorXd>(rows_.data() + row + effort_begin_, actuators_);
  }

  // The newest row; there must be one.
  const double* last() const {
    return rows_.data() + static_cast<std::size_t>(count_ - 1) * static_cast<std::size_t>(width_);
  }

  int count() const { return count_; }
  int width() const { return width_; }
  const double* data() const { return rows_.data(); }
  const std::vector<Channel>& channels() const { return channels_; }

 private:
  struct Slice {
    int begin, size;
  };

  void add(const std::string& name, int size) {
    channels_.push_back({name, width_, size});
    width_ += size;
  }
  void put(double value) { *out_++ = value; }
  void put(const double* values, int size) { out_ = std::copy_n(values, size, out_); }

  int joints_, actuators_, fingers_;
  int width_ = 0, count_ = 0, effort_begin_ = 0;
  std::vector<Channel> channels_;
  std::vector<Slice> sensors_;
  std::vector<double> rows_;
  double* out_ = nullptr;
};

}  // namespace handloop
